"""The names of `interactionlog.delivery` and where they live."""

from interactionlog.delivery.content import MERGE_FIELDS as MERGE_FIELDS
from interactionlog.delivery.content import ContentError as ContentError
from interactionlog.delivery.delivery import Delivery as Delivery
from interactionlog.delivery.delivery import DeliveryCount as DeliveryCount
from interactionlog.delivery.delivery import DeliveryEvent as DeliveryEvent
from interactionlog.delivery.delivery import DeliveryReceipt as DeliveryReceipt
from interactionlog.delivery.delivery import DeliveryState as DeliveryState
from interactionlog.delivery.delivery import request_delivery as request_delivery
from interactionlog.delivery.message import AddressError as AddressError
from interactionlog.delivery.message import Message as Message
from interactionlog.delivery.outbox import OutboxRun as OutboxRun
from interactionlog.delivery.service import Deliveries as Deliveries
from interactionlog.delivery.smtp import SmtpTransport as SmtpTransport
from interactionlog.delivery.transport import Answer as Answer
from interactionlog.delivery.transport import FolderTransport as FolderTransport
from interactionlog.delivery.transport import NotHandedOverError as NotHandedOverError
from interactionlog.delivery.transport import Transport as Transport
from interactionlog.delivery.transport import accepted as accepted
from interactionlog.delivery.transport import later as later
from interactionlog.delivery.transport import refused as refused
