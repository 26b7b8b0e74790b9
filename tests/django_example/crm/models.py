"""Customers as many projects have them: an integer key, a company, tags, an agent."""

from __future__ import annotations

from django.db import models


class Agent(models.Model):
    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=50)

    def __str__(self) -> str:
        return self.name


class Company(models.Model):
    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=100)

    class Meta:
        verbose_name_plural = "companies"

    def __str__(self) -> str:
        return self.name


class Tag(models.Model):
    code = models.CharField(max_length=20, unique=True)

    def __str__(self) -> str:
        return self.code


class Customer(models.Model):
    name = models.CharField(max_length=100)
    email = models.EmailField(max_length=80, blank=True)
    company = models.ForeignKey(Company, models.PROTECT, null=True, blank=True)
    agent = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True)
    tags = models.ManyToManyField(Tag, blank=True)
    opted_out = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name
