"""SAML responses as a provider and as an attacker would write them."""
