"""What a project imports; each name is loaded on first use, since settings are read before apps."""

from interactionlog.contrib.django.admin import TimelineAdmin as TimelineAdmin
from interactionlog.contrib.django.contacts import ModelContacts as ModelContacts
from interactionlog.contrib.django.unit_of_work import committed as committed
from interactionlog.contrib.django.unit_of_work import in_memory as in_memory
from interactionlog.contrib.django.unit_of_work import work as work
