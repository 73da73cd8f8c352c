"""Where things stand: signature wrapping (XSW), identifiers, signatures of every wrong form."""

from __future__ import annotations

from collections.abc import Iterator

from support.saml import keys
from support.saml.case import ASSERTION, Attack, How, RESPONSE, attack, enclosed, signed
from support.saml.messages import NOW, Response, USER
from support.saml.names import (
    ASSERTION as ASSERTION_SPACE, DSIG, ECDSA_SHA256, ENVELOPED, EXCLUSIVE, INCLUSIVE, MORE, RSA_SHA1, RSA_SHA384,
    RSA_SHA512, SHA1, SHA384, SHA512)
from support.saml.signing import SIGN, Signing, insert, transform

EVIL = ASSERTION.but(id="_evil", name="admin@acme.example")
GOOD = ASSERTION
LEGACY = How(allows_legacy=True)
assert NOW


def inside(xml: str, tag: str, inner: str) -> str:
    """Puts something at the end of the first element of that name."""
    head, tail = xml.split(f"</{tag}>", 1)
    return f"{head}{inner}</{tag}>{tail}"


def wrapping() -> Iterator[Attack]:
    """XSW1 to XSW8, as the tools number them, and their kin.  The signature in each is a true one."""
    response = enclosed(GOOD.xml)
    signature = "<ds:Signature" + response.split("<ds:Signature", 1)[1].split("</ds:Signature>", 1)[0] + "</ds:Signature>"
    bare = response.replace(signature, "", 1)
    evil = RESPONSE.but(id="_evil-response").xml(EVIL.xml)
    yield attack("xsw1", "assertion-repeated", insert(evil, signature.replace(
        "</ds:Signature>", bare + "</ds:Signature>")), response)
    yield attack("xsw2", "assertion-repeated", evil.replace(
        "<samlp:Status>", bare + signature + "<samlp:Status>", 1), response)
    good = SIGN.sign(GOOD.xml)
    own = "<ds:Signature" + good.split("<ds:Signature", 1)[1].split("</ds:Signature>", 1)[0] + "</ds:Signature>"
    plain = good.replace(own, "", 1)
    yield attack("xsw3", "assertion-repeated", RESPONSE.xml(EVIL.xml + good))
    yield attack("xsw4", "assertion-repeated", RESPONSE.xml(inside(EVIL.xml, "saml:Assertion", good)))
    yield attack("xsw5", "assertion-repeated", RESPONSE.xml(insert(EVIL.xml, own) + plain))
    yield attack("xsw6", "assertion-repeated", RESPONSE.xml(
        insert(EVIL.xml, own.replace("</ds:Signature>", plain + "</ds:Signature>"))))
    yield attack("xsw7", "assertion-repeated", RESPONSE.but(extensions=EVIL.xml).xml(good))
    yield attack("xsw8", "assertion-repeated", RESPONSE.xml(insert(EVIL.xml, own.replace(
        "</ds:Signature>", f"<ds:Object>{plain}</ds:Object></ds:Signature>"))))
    same = EVIL.but(id=GOOD.id).xml
    yield attack("xsw3-with-the-same-id", "id-duplicate", RESPONSE.xml(same + good))
    yield attack("xsw8-with-the-same-id", "id-duplicate", RESPONSE.xml(insert(same, own.replace(
        "</ds:Signature>", f"<ds:Object>{plain}</ds:Object></ds:Signature>"))))
    yield attack("xsw-signature-of-another", "reference-mismatch", RESPONSE.xml(insert(EVIL.xml, own)), RESPONSE.xml(good))
    yield attack("xsw-signed-extension", "reference-mismatch",
                 RESPONSE.but(extensions=f'<x xmlns="urn:x" ID="{GOOD.id}"/>').xml(insert(EVIL.xml, own)),
                 RESPONSE.but(extensions='<x xmlns="urn:x" ID="_x"/>').xml(good))
    yield attack("xsw-original-renamed", "digest-mismatch", RESPONSE.but(extensions=plain.replace(
        "saml:Assertion", "saml:Advice").replace(GOOD.id or "", "_x")).xml(insert(same, own)), RESPONSE.xml(good))
    yield attack("two-signed-assertions", "assertion-repeated", RESPONSE.xml(good + SIGN.sign(
        GOOD.but(id="_second").xml)), RESPONSE.xml(good))
    yield attack("two-assertions-in-a-signed-response", "assertion-repeated",
                 enclosed(GOOD.xml + GOOD.but(id="_second").xml), enclosed(GOOD.xml))
    encrypted = f'<saml:EncryptedAssertion xmlns:saml="{ASSERTION_SPACE}"/>'
    yield attack("an-assertion-and-an-encrypted-one", "assertion-repeated", RESPONSE.xml(good + encrypted))
    yield attack("assertion-in-extensions", "assertion-misplaced", RESPONSE.but(extensions=good).xml(""))
    yield attack("assertion-in-the-status", "assertion-misplaced", inside(RESPONSE.xml(""), "samlp:Status", good))
    yield attack("assertion-in-a-wrapper", "assertion-misplaced", RESPONSE.xml(f"<x>{good}</x>"), RESPONSE.xml(good))
    yield attack("assertion-within-an-assertion", "assertion-repeated", signed(
        GOOD.but(more=f"<saml:Advice>{EVIL.xml}</saml:Advice>")), signed(GOOD.but(more="<saml:Advice/>")))
    yield attack("no-assertion", "assertion-missing", RESPONSE.xml(""))
    yield attack("an-assertion-of-saml-1", "assertion-missing", RESPONSE.xml(
        GOOD.xml.replace(ASSERTION_SPACE, "urn:oasis:names:tc:SAML:1.0:assertion")))


def roots() -> Iterator[Attack]:
    """What is no response, and whose ID is none."""
    yield attack("an-assertion-alone", "root-unexpected", SIGN.sign(GOOD.xml))
    for name in ("LogoutResponse", "ArtifactResponse", "AuthnRequest", "response"):
        yield attack(f"a-{name.lower()}-of-it", "root-unexpected", signed().replace("samlp:Response", f"samlp:{name}"))
    yield attack("a-response-of-saml-1", "root-unexpected", signed().replace(
        "urn:oasis:names:tc:SAML:2.0:protocol", "urn:oasis:names:tc:SAML:1.0:protocol"))
    yield attack("a-page", "root-unexpected", "<html><body/></html>")
    for version in ("1.1", "2.1", "", None):
        name = "without-a-version" if version is None else f"of-version-{version or 'nothing'}"
        yield attack(f"response-{name}", "version-unsupported", signed(response=RESPONSE.but(version=version)))
        yield attack(f"assertion-{name}", "version-unsupported", enclosed(GOOD.but(version=version).xml), enclosed())
    for name, value in (("nothing", ""), ("a-digit", "1x"), ("a-blank", "_a b"), ("a-query", "_x')] | //*[@ID='y"),
                        ("umlauts", "_ä"), ("much", "_" + "x" * 300)):
        yield attack(f"id-of-{name}", "id-malformed", signed(response=RESPONSE.but(id=value)))
        yield attack(f"id-of-the-assertion-of-{name}", "id-malformed", signed(GOOD.but(id=value)))
    yield attack("response-without-an-id", "id-malformed", signed(response=RESPONSE.but(id=None)))
    yield attack("one-id-for-both", "id-duplicate", signed(response=RESPONSE.but(id=GOOD.id)))
    for name in ("ID", "Id", "id", "xml:id"):
        yield attack(f"id-again-as-{name.replace(':', '-')}", "id-duplicate",
                     signed(response=RESPONSE.but(extensions=f'<x {name}="{GOOD.id}"/>')),
                     signed(response=RESPONSE.but(extensions=f'<x {name}="_other"/>')))


def places() -> Iterator[Attack]:
    """Signatures that are not there, not where they must be, or not of the form."""
    usual = signed()
    own = SIGN.signature(GOOD.xml)
    yield attack("unsigned", "signature-missing", RESPONSE.xml(GOOD.xml))
    yield attack("unsigned-with-a-comment", "signature-missing", RESPONSE.xml(insert(GOOD.xml, "<!-- signed -->")))
    yield attack("signature-in-another-namespace", "signature-missing", usual.replace(
        f'xmlns:ds="{DSIG}"', 'xmlns:ds="urn:x"'))
    for name, place in (("subject", "saml:Subject"), ("conditions", "saml:Conditions"),
                        ("attributes", "saml:AttributeStatement")):
        yield attack(f"signature-in-the-{name}", "signature-misplaced", RESPONSE.xml(inside(GOOD.xml, place, own)))
    yield attack("signature-in-extensions", "signature-misplaced", RESPONSE.but(extensions=own).xml(GOOD.xml))
    yield attack("signature-in-a-wrapper", "signature-misplaced", RESPONSE.xml(insert(GOOD.xml, f"<x>{own}</x>")))
    yield attack("signature-in-its-keyinfo", "signature-misplaced", signed(sign=SIGN.but(key_info=own)))
    yield attack("signature-of-the-assertion-in-the-response", "reference-mismatch", insert(
        RESPONSE.xml(GOOD.xml), own))
    yield attack("signature-twice", "signature-repeated", RESPONSE.xml(insert(SIGN.sign(GOOD.xml), own)))
    yield attack("signature-twice-the-first-a-stranger's", "signature-repeated", RESPONSE.xml(
        insert(SIGN.sign(GOOD.xml), SIGN.but(pair=keys.stranger()).signature(GOOD.xml))))
    yield attack("signature-without-a-value", "signature-malformed", signed(sign=SIGN.but(without_value=True)))
    yield attack("signature-with-a-value-twice", "signature-malformed", usual.replace(
        "<ds:KeyInfo>", "<ds:SignatureValue>AAAA</ds:SignatureValue><ds:KeyInfo>"))
    yield attack("signature-with-signedinfo-twice", "signature-malformed", usual.replace(
        "<ds:SignedInfo>", "<ds:SignedInfo/><ds:SignedInfo>"))
    yield attack("signature-with-keyinfo-twice", "signature-malformed", usual.replace(
        "<ds:KeyInfo>", "<ds:KeyInfo/><ds:KeyInfo>"))
    yield attack("signature-with-a-stranger-within", "signature-malformed", usual.replace(
        "<ds:KeyInfo>", '<x xmlns="urn:x"/><ds:KeyInfo>'))
    yield attack("signedinfo-with-more", "signature-malformed", usual.replace("</ds:SignedInfo>", "<x/></ds:SignedInfo>"))
    yield attack("signature-with-an-object", "signature-object", signed(sign=SIGN.but(more="<ds:Object/>")))
    yield attack("signature-with-a-manifest", "signature-object", signed(
        sign=SIGN.but(more="<ds:Object><ds:Manifest/></ds:Object>")))


def references() -> Iterator[Attack]:
    """What a signature says that it is about."""
    yield attack("two-references", "reference-count", signed(sign=SIGN.but(references=2)))
    yield attack("no-reference", "reference-count", signed(sign=SIGN.but(references=0)))
    yield attack("empty-uri", "reference-empty", signed(sign=SIGN.but(uri="")))
    yield attack("no-uri", "reference-empty", signed(sign=SIGN.but(without_uri=True)))
    for name, uri in (("the-response", "#_response-40aa"), ("everything", "#xpointer(/)"), ("a-file", "file:///etc/passwd"),
                      ("the-network", "http://127.0.0.1:1/x"), ("a-pointer", "#xpointer(id('_assertion-91d0'))"),
                      ("nothing", "#"), ("another-case", "#_ASSERTION-91D0"), ("the-id-without-a-sign", "_assertion-91d0")):
        yield attack(f"reference-to-{name}", "reference-mismatch", signed(sign=SIGN.but(uri=uri)))
    yield attack("reference-of-the-response-to-the-assertion", "reference-mismatch", enclosed(
        sign=SIGN.but(uri="#_assertion-91d0")), enclosed())
    usual, exclusive = transform(ENVELOPED), transform(EXCLUSIVE)
    xpath = "<ds:XPath>not(ancestor-or-self::saml:Subject)</ds:XPath>"
    stylesheet = '<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="1.0"/>'
    inclusive = f'<ec:InclusiveNamespaces xmlns:ec="{EXCLUSIVE}" PrefixList="%s"/>'
    for name, transforms in (
        ("xpath", usual + transform("http://www.w3.org/TR/1999/REC-xpath-19991116", xpath) + exclusive),
        ("xpath-filter", usual + transform("http://www.w3.org/2002/06/xmldsig-filter2") + exclusive),
        ("xslt", usual + transform("http://www.w3.org/TR/1999/REC-xslt-19991116", stylesheet) + exclusive),
        ("base64", usual + transform(DSIG + "base64")), ("inclusive", usual + transform(INCLUSIVE)),
        ("with-comments", usual + transform(EXCLUSIVE + "WithComments")), ("enveloped-alone", usual),
        ("exclusive-alone", exclusive), ("none", ""), ("three", usual + exclusive + exclusive),
        ("enveloped-twice", usual + usual + exclusive), ("turned-round", exclusive + usual),
        ("unknown", usual + transform("urn:x")), ("with-a-parameter", transform(ENVELOPED, "<x/>") + exclusive),
        ("with-many-prefixes", usual + transform(EXCLUSIVE, inclusive % " ".join(["saml"] * 100))),
    ):
        yield attack(f"transforms-{name}", "transform-refused", signed(sign=SIGN.but(transforms=transforms)),
                     signed(sign=SIGN.but(transforms=usual + transform(EXCLUSIVE, inclusive % "saml xs"))))
    for name, form in (("inclusive", INCLUSIVE), ("with-comments", EXCLUSIVE + "WithComments"), ("unknown", "urn:x"),
                       ("inclusive-1.1", "http://www.w3.org/2006/12/xml-c14n11"), ("nothing", "")):
        yield attack(f"canonical-form-{name}", "canonicalization-refused", signed(sign=SIGN.but(form=form)))
    yield attack("canonical-form-with-many-prefixes", "canonicalization-refused",
                 signed(sign=SIGN.but(form_inner=inclusive % " ".join(["saml"] * 100))),
                 signed(sign=SIGN.but(form_inner=inclusive % "of-nothing")))


def algorithms() -> Iterator[Attack]:
    """Algorithms that are too weak, or that mean something else."""
    yield attack("rsa-sha1", "signature-method-refused", signed(sign=SIGN.but(method=RSA_SHA1)), signed(
        sign=SIGN.but(method=RSA_SHA384, digest=SHA384)))
    yield attack("digest-sha1", "digest-method-refused", signed(sign=SIGN.but(digest=SHA1)), signed(
        sign=SIGN.but(method=RSA_SHA512, digest=SHA512)))
    old = signed(sign=SIGN.but(method=RSA_SHA1, digest=SHA1))
    yield attack("sha1-without-the-flag", "signature-method-refused", old, old, twin_how=LEGACY)
    yield attack("rsa-md5", "signature-method-refused", signed(sign=SIGN.but(method=MORE + "rsa-md5")))
    yield attack("digest-md5", "digest-method-refused", signed(sign=SIGN.but(digest=MORE + "md5")))
    yield attack("rsa-md5-with-the-flag", "signature-method-refused", signed(
        sign=SIGN.but(method=MORE + "rsa-md5")), how=LEGACY)
    for name in (DSIG + "hmac-sha1", MORE + "hmac-sha256", MORE + "hmac-sha512"):
        short = name.rsplit("#", 1)[1]
        yield attack(f"{short}-keyed-with-the-certificate", "signature-method-refused", signed(sign=SIGN.but(method=name)))
    yield attack("hmac-cut-to-nothing", "signature-method-refused", signed(sign=SIGN.but(
        method=MORE + "hmac-sha256", method_inner="<ds:HMACOutputLength>0</ds:HMACOutputLength>")))
    yield attack("rsa-with-a-parameter", "signature-method-refused", signed(sign=SIGN.but(
        method_inner="<ds:HMACOutputLength>8</ds:HMACOutputLength>")))
    yield attack("dsa-sha1", "signature-method-refused", signed(sign=SIGN.but(method=DSIG + "dsa-sha1")))
    yield attack("no-algorithm", "signature-method-refused", signed(sign=SIGN.but(method="")))
    yield attack("elliptic-sha1", "signature-method-refused", signed(sign=SIGN.but(
        method=MORE + "ecdsa-sha1", pair=keys.elliptic())), signed(sign=SIGN.but(
            method=ECDSA_SHA256, pair=keys.elliptic())))
    yield attack("elliptic-by-name-only", "signature-invalid", signed(sign=SIGN.but(method=ECDSA_SHA256)))
    yield attack("rsa-by-name-only", "signature-invalid", signed().replace(
        SIGN.signature(GOOD.xml), SIGN.but(pair=keys.elliptic()).signature(GOOD.xml)))


def forgeries() -> Iterator[Attack]:
    """Changed after it was signed, or signed by another."""
    usual = signed()
    yield attack("name-changed", "digest-mismatch", usual.replace(f">{USER}</saml:NameID>", ">eve@acme.example</saml:NameID>"))
    yield attack("attribute-changed", "digest-mismatch", usual.replace("Gate Admins", "admin"))
    yield attack("attribute-added", "digest-mismatch", inside(usual, "saml:AttributeStatement", '<saml:Attribute Name="x"/>'))
    yield attack("audience-changed", "digest-mismatch", usual.replace("acme/okta/metadata</saml:Audience>", "x</saml:Audience>"))
    yield attack("blank-added", "digest-mismatch", usual.replace("<saml:Subject>", "<saml:Subject> "))
    yield attack("status-of-a-signed-response-changed", "digest-mismatch", enclosed().replace(
        "status:Success", "status:Responder"), enclosed())
    yield attack("digest-of-nothing", "digest-mismatch", signed(sign=SIGN.but(
        digest_value="47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")))
    yield attack("digest-empty", "signature-malformed", signed(sign=SIGN.but(digest_value="")))
    value = SIGN.signature(GOOD.xml).split("<ds:SignatureValue>")[1].split("<")[0]
    for name, other in (("changed", value[:50] + ("A" if value[50] != "A" else "B") + value[51:]),
                        ("short", value[:172]), ("zero", "A" * len(value.rstrip("=")) + "==")):
        yield attack(f"signature-value-{name}", "signature-invalid", usual.replace(value, other))
    for name, other in (("empty", ""), ("no-base64", "$$$$")):
        yield attack(f"signature-value-{name}", "signature-malformed", usual.replace(value, other))
    yield attack("signedinfo-changed", "signature-invalid", usual.replace("<ds:SignedInfo>", "<ds:SignedInfo>\n"))
    stranger = keys.stranger()
    certificate = f"<ds:X509Data><ds:X509Certificate>{stranger.text}</ds:X509Certificate></ds:X509Data>"
    yield attack("signed-by-a-stranger", "signature-invalid", signed(sign=Signing(pair=stranger)))
    yield attack("signed-by-a-stranger-in-the-provider's-name", "signature-invalid", signed(
        sign=Signing(pair=stranger, key_info="<ds:KeyName>idp.example</ds:KeyName>")))
    for name, info in (
        ("certificate", certificate), ("no-keyinfo", ""), ("a-name", "<ds:KeyName>stranger</ds:KeyName>"),
        ("a-value", f"<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>{modulus(stranger)}</ds:Modulus>"
                    "<ds:Exponent>AQAB</ds:Exponent></ds:RSAKeyValue></ds:KeyValue>"),
        ("a-file", '<ds:RetrievalMethod URI="file:///etc/passwd" Type="http://www.w3.org/2000/09/xmldsig#X509Data"/>'),
        ("both", f"<ds:X509Data><ds:X509Certificate>{keys.provider().text}</ds:X509Certificate></ds:X509Data>{certificate}"),
    ):
        # The twin says the same of its key, and is signed by the provider: KeyInfo is not read.
        yield attack(f"keyinfo-of-a-stranger-{name}", "signature-invalid", signed(
            sign=Signing(pair=stranger, key_info=info)), signed(sign=SIGN.but(key_info=info)))
    yield attack("signed-by-us", "signature-invalid", signed(sign=Signing(pair=keys.ours())))
    yield attack("response-signed-by-a-stranger", "signature-invalid", enclosed(
        SIGN.sign(GOOD.xml), sign=Signing(pair=stranger)), enclosed(SIGN.sign(GOOD.xml)))
    yield attack("assertion-signed-by-a-stranger-in-a-signed-response", "signature-invalid", enclosed(
        Signing(pair=stranger).sign(GOOD.xml)), enclosed(SIGN.sign(GOOD.xml)))


def modulus(pair: keys.Pair) -> str:
    """The key's modulus in base64."""
    import base64

    number = pair.key.public_key().public_numbers().n  # type: ignore[union-attr]
    return base64.b64encode(number.to_bytes((number.bit_length() + 7) // 8, "big")).decode()


def all_of_shape() -> list[Attack]:
    """Every attack of this file."""
    assert isinstance(RESPONSE, Response)
    return [*wrapping(), *roots(), *places(), *references(), *algorithms(), *forgeries()]
