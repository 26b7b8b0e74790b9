"""Words for enumerations, decisions and findings, in English and Italian."""

from __future__ import annotations

from enum import Enum
from typing import Literal

Language = Literal["en", "it"]

_ENGLISH = {
    "us": "by us",
    "them": "by the contact",
    "email": "e-mail",
    "excluded": "excluded from segments",
    "duplicate": "on an earlier line as well",
    "no-e-mail": "no e-mail address",
    "undeliverable": "no e-mail address to deliver to",
    "content-missing": "nothing to deliver",
    "contact-via-missing": "no number to dial",
    "wrong-state": "canceled or postponed",
    "phone-call-postponed": "a phone call is not postponed",
}
_ITALIAN = {
    "company": "azienda",
    "person": "persona",
    "outbound": "in uscita",
    "inbound": "in entrata",
    "us": "da noi",
    "them": "dal contatto",
    "hard-copy": "copia cartacea",
    "email": "e-mail",
    "very-positive": "molto positivo",
    "positive": "positivo",
    "neutral": "neutro",
    "negative": "negativo",
    "very-negative": "molto negativo",
    "requested": "richiesta",
    "error": "errore",
    "open": "aperto",
    "import": "importa",
    "merge": "unione",
    "running": "in corso",
    "complete": "completo",
    "undone": "annullato per intero",
    "canceled": "annullato",
    "add": "aggiungi",
    "reduce": "riduci",
    "refine": "affina",
    "selection": "selezione",
    "by-hand": "a mano",
    "logged-segment": "segmento registrato",
    "log": "registrare",
    "leave-out": "tralasciare",
    "refuse": "rifiutare",
    "mailing-group": "gruppo di distribuzione",
    "industry-group": "settore",
    "job-responsibility": "responsabilità",
    "business-relation": "relazione commerciale",
    "profile-answer": "risposta del profilo",
    "no-contact": "senza contatto",
    "privacy-blocked": "privacy bloccata",
    "unknown-contact": "contatto sconosciuto",
    "date-missing": "data mancante",
    "salesperson-missing": "agente mancante",
    "unknown-salesperson": "agente sconosciuto",
    "salesperson-blocked": "agente bloccato",
    "template-missing": "modello mancante",
    "unknown-template": "modello sconosciuto",
    "unknown-campaign": "campagna sconosciuta",
    "excluded": "escluso dai segmenti",
    "duplicate": "già su una riga precedente",
    "no-e-mail": "senza indirizzo e-mail",
    "undeliverable": "senza indirizzo e-mail per la consegna",
    "content-missing": "niente da consegnare",
    "content-invalid": "contenuto non valido",
    "description-missing": "descrizione mancante",
    "contact-via-missing": "senza numero da chiamare",
    "correspondence-type-missing": "tipo di corrispondenza mancante",
    "wrong-state": "annullato o rinviato",
    "phone-call-postponed": "una telefonata non si rinvia",
}


def label(value: Enum | str, language: Language = "en") -> str:
    """
    Return the words for a member of an enumeration, or for the code of a decision or finding.

    ``label(Evaluation.VERY_POSITIVE, "it")`` is ``"molto positivo"``. A word that the language does
    not have is given in English.

    Args:
        value: The member, or a code such as ``privacy-blocked``.
        language: ``"en"`` or ``"it"``.
    """
    code = (value.name if isinstance(value, Enum) else value).lower().replace("_", "-")
    known = _ITALIAN.get(code) if language == "it" else None
    return known or _ENGLISH.get(code) or code.replace("-", " ")
