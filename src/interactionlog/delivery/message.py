"""What is sent: a message, composed of a delivery and the records that it names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from datetime import datetime
from typing import TYPE_CHECKING

import attrs

from interactionlog.attachments.attachment import Attachment, AttachmentService
from interactionlog.contacts.consent import in_ascii
from interactionlog.contacts.contact import AlternativeAddress, Contact, Salesperson
from interactionlog.delivery.content import ContentError, merge_values, merged
from interactionlog.delivery.delivery import Delivery, refusal
from interactionlog.errors import InteractionLogError, RuleViolation
from interactionlog.interactions.entry import InteractionLogEntry
from interactionlog.unit_of_work import UnitOfWork
from interactionlog.values import shown

if TYPE_CHECKING:
    from email.message import EmailMessage

_E_MAIL = re.compile(
    r"(?!\.|[^@]*\.[.@])[\x21\x23-\x27\x2a\x2b\x2d-\x39\x3d\x3f\x41-\x5a\x5e-\x7e]{1,64}@([^\s@<>()\[\]\\,;:\"]{1,250})(?<!\.)\Z"
)
_LONGEST = 250
"""Letters of an address as a delivery keeps it; servers take 254. (RFC 5321)"""
_NAME = re.compile(r"[^\x00-\x1f\x7f/\\:*?\"<>|\u2028\u2029\x85]{1,250}\Z")
_SEVERAL_LINES = re.compile("[\x00-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]")
_ENCODED_WORD = re.compile(r"=\?[^?]*\?[bq]\?", re.IGNORECASE)
"""Begins what mail programs decode, to line breaks and headers as well. (RFC 2047)"""
_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+\Z", re.ASCII)
_HTML = "text/html"
_BODIES = (_HTML, "text/plain")


@attrs.define
class AddressError(RuleViolation, code="invalid", text="{0.address!r} is no e-mail address"):
    """
    An e-mail address cannot be sent to.

    Attributes:
        address: What was found in its place.
    """

    address: str


def checked_address(text: str) -> str:
    """Return an e-mail address as SMTP takes it, or raise `AddressError`."""
    text = text.strip()
    found = None if _ENCODED_WORD.search(text) else _E_MAIL.match(text)
    domain = in_ascii(found[1]) if found else ""
    address = f"{text.partition('@')[0]}@{domain}"
    if not domain or len(address) > _LONGEST:
        raise AddressError(text)
    return address


def address_of(sender: str) -> str:
    """Return the address of a sender such as ``Cronus <a@b.example>``, or raise `AddressError`."""
    from email.utils import getaddresses  # noqa: PLC0415

    found = getaddresses([sender]) if sender.isprintable() else []
    if len(found) != 1 or _ENCODED_WORD.search(sender):  # a name with a comma needs "…" around it
        raise AddressError(sender)
    return checked_address(found[0][1])


@attrs.frozen(kw_only=True)
class Message:
    """
    One message, as a transport gets it.

    Attributes:
        entry_no, channel: Of the delivery.
        message_id: Made before sending, the same at each attempt.
        recipient: E-mail address; ``""`` for letters.
        name: Of the recipient.
        address: Postal address by field, as merged content has it.
        subject: One line.
        content: Body of a mail or a file, merged.
        media_type: Of the content, such as ``text/html``.
        file_name: Of the content, without a path.
        sent_at: When this attempt begins; UTC.
        attachment_no: Where the content lies already; ``None`` when it was merged.
    """

    entry_no: int
    channel: str
    message_id: str
    recipient: str
    name: str
    address: Mapping[str, str]
    subject: str
    content: bytes = attrs.field(repr=False)
    media_type: str
    file_name: str
    sent_at: datetime
    attachment_no: int | None = None

    @property
    def is_body(self) -> bool:
        """Whether the content is the body of a mail, not a file attached to it."""
        return self.media_type in _BODIES

    @property
    def text(self) -> str:
        """What a mail says in plain text: its body, also where that is HTML, else the subject."""
        if not self.is_body:
            return f"{self.subject}\n"
        text = self.content.decode()
        return plain_text(text) or f"{self.subject}\n" if self.media_type == _HTML else text

    def as_e_mail(self, sender: str) -> EmailMessage:
        """
        Return the mail, from a sender such as ``"Cronus <info@cronus.example>"``.

        HTML is sent with the same in plain text, for who reads no HTML.
        """
        # read by no one who only logs
        from email.headerregistry import Address  # noqa: PLC0415
        from email.message import EmailMessage  # noqa: PLC0415
        from email.policy import SMTP  # noqa: PLC0415
        from email.utils import format_datetime, parseaddr  # noqa: PLC0415

        mail = EmailMessage(policy=SMTP.clone(cte_type="7bit"))  # whatever the server can
        own = address_of(sender)
        mail["From"] = Address(_unfolded(parseaddr(sender)[0]), addr_spec=own)
        mail["To"] = Address(_unfolded(self.name), addr_spec=self.recipient)
        mail["Subject"] = self.subject
        mail["Date"] = format_datetime(self.sent_at)
        mail["Message-ID"] = f"<{self.message_id}@{own.partition('@')[2]}>"
        mail.set_content(self.text)
        if self.media_type == _HTML:
            mail.add_alternative(self.content.decode(), subtype="html")
        elif not self.is_body:
            kind, _, subtype = self.media_type.partition("/")
            if kind in {"message", "multipart"}:  # MIME lets neither be encoded
                kind, subtype = "application", "octet-stream"
            mail.add_attachment(
                self.content, maintype=kind, subtype=subtype, filename=self.file_name
            )
        return mail


_SPECIAL = re.compile(r"""[][()<>@,:;."\\]""")


def _unfolded(name: str) -> str:
    """
    Return a name for a header, a long one without the signs that need quotes around it.

    Python loses the quotes where it folds a line: a comma ends an address then, and what stands
    between angle brackets is one.
    """
    signs = _SPECIAL.findall(name)
    return _SPECIAL.sub("", name) if name.isascii() and len(name) + len(signs) > 60 else name


_HIDDEN = re.compile(r"<!--|<(script|style|template|title)\b", re.IGNORECASE)
_TAG = re.compile(
    r"""<(/?)([a-z][a-z0-9]*)((?:[^<>"']|"[^"<]*"|'[^'<]*')*)>|<[!?/][^<>]*>""", re.IGNORECASE
)
_GIVEN = re.compile(r"""\b(?:href|alt)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_BEGIN_LINES = """
    address article blockquote br dd div dl dt footer h1 h2 h3 h4 h5 h6 header hr main ol p pre
    section table tr ul
"""
_IN_PLACE = dict.fromkeys(_BEGIN_LINES.split(), ("\n", "\n"))
_IN_PLACE |= {"p": ("\n", "\n\n"), "li": ("\n- ", ""), "td": (" ", ""), "th": (" ", "")}
"""What stands in plain text where an element begins and ends."""


def plain_text(html: str) -> str:
    """
    Return what a page says, with the targets of its links, for who reads no HTML.

    Each pattern ends at the next tag, so that the work grows with the length of any text, also of a
    wrong one: `html.parser` looks from each comment that is not closed through all the rest.
    """
    text, parts, links, at = "".join(_shown(html)), [], [""], 0
    for tag in _TAG.finditer(text):
        ends, name = tag[1] == "/", (tag[2] or "").lower()
        given = _GIVEN.search(tag[3]) if name in {"a", "img"} else None
        value = _unescaped("".join(filter(None, given.groups()))) if given else ""
        parts.append(_words(text[at : tag.start()]))
        at = tag.end()
        if name == "a" and not ends:
            links.append(value)
        elif name == "a" and (link := links.pop() if links else ""):
            parts.append(f" <{link}>")
        parts.append(value if name == "img" else _IN_PLACE.get(name, ("", ""))[ends])
    parts.append(_words(text[at:]))
    lines = [re.sub(" +", " ", line).strip() for line in "".join(parts).split("\n")]
    return re.sub("\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def _words(text: str) -> str:
    return re.sub(r"\s+", " ", _unescaped(re.sub(r"\s+", " ", text)))


def _unescaped(text: str) -> str:
    # its 2,200 names are memory that who only logs does not need
    from html import unescape  # noqa: PLC0415

    return unescape(text)


def _shown(html: str) -> Iterator[str]:
    """Give the parts that browsers show, with their tags."""
    at = 0
    while hidden := _HIDDEN.search(html, at):
        yield html[at : hidden.start()]
        end = rf"</{hidden[1]}\b[^<>]*>?" if hidden[1] else "-->"
        found = re.compile(end, re.IGNORECASE).search(html, hidden.end())
        if found is None:
            return
        at = found.end()
    yield html[at:]


WordTemplates = Callable[[str], bytes]
"""Gives the document of a Word template code; `LookupError` when there is none."""


@attrs.frozen(kw_only=True)
class DeliveryFacts:
    """
    What the records that an entry names say now.

    Attributes:
        entry: The entry.
        contact, company, salesperson: ``None`` when not named, or gone.
        address: Alternative address of the entry; ``None`` when not named, or gone.
        attachment: The content; ``None`` when there is none.
        content: Its bytes.
        problem: Why the content cannot be read; ``""`` when it can.
    """

    entry: InteractionLogEntry
    contact: Contact | None = None
    company: Contact | None = None
    salesperson: Salesperson | None = None
    address: AlternativeAddress | None = None
    attachment: Attachment | None = None
    content: bytes = attrs.field(default=b"", repr=False)
    problem: str = ""

    @property
    def e_mail(self) -> str:
        """Where a mail goes: the alternative address's e-mail, else the contact's. (INT-041)"""
        own = self.contact.e_mail if self.contact else ""
        return (self.address.e_mail if self.address else "") or own


def facts_of(
    work: UnitOfWork,
    entry: InteractionLogEntry,
    contents: MutableMapping[str, bytes],
    word_templates: WordTemplates | None = None,
) -> DeliveryFacts:
    """
    Return what the records that an entry names say now.

    Args:
        contents: Bytes by digest that were read before; what is read is added.
        word_templates: Where codes of Word templates lead to.
    """
    contact = work.contacts.find(entry.contact_no) if entry.contact_no else None
    company_no = (contact.company_no if contact else None) or entry.contact_company_no
    code, seller = entry.contact_alt_address_code, entry.salesperson_code
    attachment, content, problem = _content(work, entry, contents, word_templates)
    return DeliveryFacts(
        entry=entry,
        contact=contact,
        company=work.contacts.find(company_no) if company_no else None,
        salesperson=work.salespeople.find(seller) if seller else None,
        address=work.contacts.address(contact.no, code) if contact and code else None,
        attachment=attachment,
        content=content,
        problem=problem,
    )


def _content(
    work: UnitOfWork,
    entry: InteractionLogEntry,
    contents: MutableMapping[str, bytes],
    word_templates: WordTemplates | None,
) -> tuple[Attachment | None, bytes, str]:
    code = None if entry.merged else entry.word_template_code  # it wins over other content
    no = entry.attachment_no if code is None else entry.modified_word_template
    attachment = work.attachments.find(no) if no else None
    if attachment is None:
        if code is None or word_templates is None:
            return None, b"", "there is no content"
        try:
            content = word_templates(code)
        except Exception as error:  # the application's: nobody else's delivery waits for it
            said = str(error) or type(error).__name__
            return None, b"", f"Word template {code} cannot be read: {said}"
        if not isinstance(content, bytes):
            return None, b"", f"Word template {code} must be bytes: {shown(content)}"
        of_template = Attachment(
            no=1, name=f"{code}.docx", media_type=_WORD, extension="docx", digest="0" * 64,
            size=len(content), recorded_at=entry.recorded_at,
        )  # fmt: skip
        return of_template, content, ""
    if attachment.digest not in contents:
        try:
            with AttachmentService(work).open(attachment.no) as stream:
                contents[attachment.digest] = stream.read()
        except InteractionLogError as error:  # damaged: nobody else's delivery waits for it
            return attachment, b"", str(error)
    return attachment, contents[attachment.digest], ""


_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def reason_to_withhold(work: UnitOfWork, delivery: Delivery, facts: DeliveryFacts) -> str:
    """Return why a delivery must not be sent any more; ``""`` when it may be."""
    entry, contact = facts.entry, facts.contact
    if entry.canceled or entry.postponed:
        return "canceled"
    if contact is None:
        return "contact-gone"
    if contact.privacy_blocked:
        return "privacy-blocked"
    mails = delivery.channel == "mail"
    alternative_is_gone = entry.contact_alt_address_code and facts.address is None
    if alternative_is_gone or (mails and not facts.e_mail):
        return "address-gone"
    reached = [facts.e_mail] if mails else []
    if delivery.channel not in {"mail", "letter"}:  # which of them it uses, its transport knows
        names, records = ("e_mail", "phone_no", "mobile_phone_no"), (contact, facts.address)
        reached = [getattr(each, name) for each in records if each is not None for name in names]
    return refusal(work, entry, delivery.channel, {contact.no: reached})


def compose(delivery: Delivery, facts: DeliveryFacts, at: datetime) -> Message:
    """
    Return the message of a delivery that may be sent.

    Raises:
        ContentError: There is no content, it cannot be merged, or its name is a path.
        AddressError: The address is none.
        UsageError: What merges the content is not installed.

    Rules: INT-041, INT-082, INT-083.
    """
    entry, contact, attachment = facts.entry, facts.contact, facts.attachment
    if contact is None or attachment is None or facts.problem:
        raise ContentError(f"entry {delivery.entry_no}", facts.problem or "there is no content")
    mails = delivery.channel == "mail"
    recipient = checked_address(facts.e_mail) if mails else ""
    name = attachment.name or f"{entry.entry_no}.{attachment.extension or 'bin'}"
    if not _NAME.match(name) or not name.strip(". "):
        raise ContentError(f"attachment {attachment.no}", f"has no plain file name: {name!r}")
    media_type = attachment.media_type.casefold()
    if attachment.is_html:
        media_type = _HTML
    if media_type == _HTML and delivery.channel == "letter":
        raise ContentError(name, "is the body of a mail and no letter")
    fields = merge_values(entry, contact, facts.address, facts.company, facts.salesperson)
    content = facts.content if entry.merged else merged(attachment, facts.content, fields)
    subject, to = entry.subject or entry.description, str(fields["address"]["name"] or "")
    for text, said in ((subject, "subject"), (to, "name of the recipient")):
        if _SEVERAL_LINES.search(text):
            raise ContentError(
                f"entry {entry.entry_no}", f"its {said} has line breaks or control characters"
            )
        if _ENCODED_WORD.search(text):
            reason = f"its {said} begins an encoded word of mails with =?, which hides what is sent"
            raise ContentError(f"entry {entry.entry_no}", reason)
    try:
        if media_type in _BODIES:
            content.decode()
    except UnicodeDecodeError:
        media_type = "application/octet-stream"  # a text in another encoding goes as a file
    return Message(
        entry_no=entry.entry_no,
        channel=delivery.channel,
        message_id=delivery.message_id,
        recipient=recipient,
        name=to,
        address={key: str(value or "") for key, value in fields["address"].items()},
        subject=subject,
        content=content,
        media_type=media_type if _MEDIA_TYPE.match(media_type) else "application/octet-stream",
        file_name=name,
        sent_at=at,
        attachment_no=entry.attachment_no if content == facts.content else None,
    )
