"""What parsers of XML could read differently, or take long over."""

from __future__ import annotations

import base64
from collections.abc import Iterator

from support.saml.case import ASSERTION, Attack, RESPONSE, attack, base64_of, signed
from support.saml.messages import ENTITY, USER
from support.saml.names import EMAIL

BOUND = 131_072
DECLARED = '<?xml version="1.0" encoding="UTF-8"?>'


def extended(inner: str) -> str:
    """The usual response with something in its extensions, where anybody could have put it."""
    return signed(response=RESPONSE.but(extensions=inner))


def document_type(body: str) -> str:
    """The usual response behind a document type."""
    return signed(response=RESPONSE.but(prefix=f"<!DOCTYPE samlp:Response {body}>"))


def named(name_xml: str) -> str:
    """The usual response, truly signed over this NameID."""
    return signed(ASSERTION.but(name_xml=name_xml))


def padded(size: int) -> bytes:
    """The usual response with blanks behind it, so long."""
    return signed().encode().ljust(size)


def encodings() -> Iterator[Attack]:
    """Bytes before they are XML."""
    # Three bytes more than a multiple of three leave no padding, one more leaves two signs of it.
    usual = signed().encode()
    whole = usual + b"\n" * (-len(usual) % 3)
    uneven, encoded = base64_of(whole + b"\n"), base64_of(whole)
    assert uneven.endswith(b"==")
    yield attack("base64-with-a-dollar", "base64-malformed", encoded[:100] + b"$" + encoded[101:], encoded)
    yield attack("base64-with-blanks-within", "base64-malformed", encoded[:76] + b" " + encoded[76:], encoded)
    yield attack("base64-of-urls", "base64-malformed", encoded[:-8] + b"-_-_" + encoded[-4:], encoded)
    yield attack("base64-without-padding", "base64-malformed", uneven[:-2], uneven)
    yield attack("base64-with-padding-within", "base64-malformed", uneven + encoded, uneven)
    spare = uneven[:-3] + bytes([uneven[-3] + 1]) + b"=="
    yield attack("base64-with-bits-left-over", "base64-malformed", spare, uneven)
    lines = b"\r\n".join(encoded[start:start + 76] for start in range(0, len(encoded), 76))
    yield attack("base64-in-lines-with-tabs", "base64-malformed", lines.replace(b"\r\n", b"\t\n", 1), lines)
    yield attack("base64-twice", "xml-malformed", base64.b64encode(encoded), encoded)
    yield attack("one-byte-too-long", "message-too-large", padded(BOUND + 1), padded(BOUND))
    yield attack("a-megabyte", "message-too-large", padded(1_000_000), padded(100_000))
    yield attack("a-megabyte-of-base64", "message-too-large", base64_of(padded(1_000_000)), base64_of(padded(BOUND)))
    declared = signed(response=RESPONSE.but(prefix=DECLARED))
    yield attack("utf-16", "xml-encoding", declared.replace("UTF-8", "UTF-16").encode("utf-16"), declared)
    yield attack("utf-16-big-endian", "xml-encoding", b"\xfe\xff" + signed().encode("utf-16-be"))
    yield attack("utf-16-without-a-mark", "xml-encoding", signed().encode("utf-16-le"))
    yield attack("utf-16-in-base64", "xml-encoding", base64_of(signed().encode("utf-16")), base64_of(signed()))
    yield attack("utf-32", "xml-encoding", signed().encode("utf-32"))
    for name in ("ISO-8859-1", "UTF-7", "UTF-16", "EBCDIC-CP-US", "HTML-ENTITIES"):
        other = declared.replace("UTF-8", name)
        yield attack(f"declared-{name.lower()}", "xml-encoding", other, declared)
    yield attack("broken-utf-8", "xml-encoding", signed().encode() + b"<!--\xc0\xaf-->", signed() + "<!--/-->")
    yield attack("a-surrogate", "xml-encoding", signed().encode() + b"<!--\xed\xa0\x80-->", signed() + "<!--\ud7ff-->")
    yield attack("a-zero", "xml-encoding", signed() + "<!--\0-->", signed() + "<!--0-->")
    marked = b"\xef\xbb\xbf" + signed().encode()
    yield attack("a-mark-twice", "xml-malformed", b"\xef\xbb\xbf" + marked, marked)


def markup() -> Iterator[Attack]:
    """Kinds of markup that SAML has no use for."""
    yield attack("doctype", "xml-doctype", document_type("[]"))
    yield attack("xxe-file", "xml-doctype", document_type('[<!ENTITY x SYSTEM "file:///etc/passwd">]'))
    yield attack("xxe-network", "xml-doctype", document_type('[<!ENTITY x SYSTEM "http://127.0.0.1:1/">]'))
    yield attack("xxe-parameter", "xml-doctype", document_type('[<!ENTITY % x SYSTEM "http://127.0.0.1:1/"> %x;]'))
    yield attack("external-dtd", "xml-doctype", document_type('SYSTEM "http://127.0.0.1:1/x.dtd"'))
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    yield attack("billion-laughs", "xml-doctype", document_type(f'[<!ENTITY l0 "lol">{laughs}]'))
    yield attack("quadratic-entity", "xml-doctype", document_type(f'[<!ENTITY x "{"x" * 50_000}">]'))
    yield attack("entity-in-the-name", "xml-doctype", document_type(f'[<!ENTITY x "{USER}">]'))
    yield attack(
        "id-by-attribute-list", "xml-doctype", document_type("[<!ATTLIST samlp:Extensions Anything ID #IMPLIED>]"))
    yield attack("doctype-behind-a-comment", "xml-doctype", "<!-- x --><!DOCTYPE x>" + signed(), "<!-- x -->" + signed())
    yield attack("doctype-in-lower-case", "xml-doctype", "<!doctype x>" + signed())
    yield attack("cdata-in-the-name", "xml-cdata", named(f"<saml:NameID><![CDATA[{USER}]]></saml:NameID>"),
                 named(f"<saml:NameID>{USER}</saml:NameID>"))
    yield attack("cdata-in-extensions", "xml-cdata", extended("<x><![CDATA[y]]></x>"), extended("<x>y</x>"))
    yield attack("instruction-before", "xml-instruction", "<?xml-stylesheet href='x'?>" + signed())
    yield attack("instruction-in-extensions", "xml-instruction", extended("<?x y?>"), extended("<x/>"))
    yield attack("instruction-in-the-name", "xml-instruction",
                 named("<saml:NameID>ada@acme.example<?x?>.evil.example</saml:NameID>"),
                 named("<saml:NameID>ada@acme.example.evil.example</saml:NameID>"))
    yield attack("declaration-twice", "xml-instruction", DECLARED + DECLARED + signed(), DECLARED + signed())


def bombs() -> Iterator[Attack]:
    """What costs time or memory beyond its size."""
    def with_attributes(count: int) -> str:
        return extended("<x" + "".join(f' a{each}=""' for each in range(count)) + "/>")

    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    names = [a + b + c for a in letters[:26] for b in letters for c in letters]
    yield attack("20000-attributes", "message-too-large",
                 extended("<x" + "".join(f" {name}=''" for name in names[:20_000]) + "/>"), with_attributes(100))
    yield attack("18000-attributes", "xml-too-many-attributes",
                 extended("<x" + "".join(f" {name}=''" for name in names[:18_000]) + "/>"), with_attributes(100))
    yield attack("129-attributes", "xml-too-many-attributes", with_attributes(129), with_attributes(128))
    yield attack("attributes-in-all", "xml-too-many-attributes",
                 extended(f"<x{''.join(f' a{n}=``' for n in range(100))}/>".replace("`", "'") * 50),
                 extended(f"<x{''.join(f' a{n}=``' for n in range(100))}/>".replace("`", "'") * 15))
    yield attack("attributes-with-blanks", "xml-too-many-attributes",
                 extended("<x" + "".join(f" a{n}\t=\n''" for n in range(200)) + "/>"), with_attributes(20))
    yield attack("attributes-with-signs-within", "xml-too-many-attributes",
                 extended("<x b='>=&lt;'" + "".join(f" a{n}='='" for n in range(200)) + "/>"),
                 extended("<x b='>=&lt;' a='='/>"))
    yield attack("nested-deeply", "xml-too-deep", extended("<x>" * 10_000 + "</x>" * 10_000), extended("<x/>" * 4000))
    # The response and its extensions are two.
    yield attack("nested-63", "xml-too-deep", extended("<x>" * 63 + "</x>" * 63), extended("<x>" * 62 + "</x>" * 62))
    yield attack("too-many-elements", "xml-too-many-elements", extended("<x/>" * 5000), extended("<x/>" * 3000))
    yield attack("too-many-comments", "xml-too-many-elements", extended("<!---->" * 5000), extended("<!---->" * 3000))

    def with_namespaces(count: int) -> str:
        return extended("<x" + "".join(f' xmlns:n{each}="urn:x"' for each in range(count)) + "/>")

    yield attack("too-many-namespaces", "xml-too-many-namespaces", with_namespaces(31), with_namespaces(30))
    yield attack("namespaces-of-ancestors", "xml-too-many-namespaces",
                 extended("".join(f'<x xmlns:m{n}="urn:x">' for n in range(50))
                          + "</x>" * 50),
                 extended("".join(f'<x xmlns:m{n}="urn:x">' for n in range(30)) + "</x>" * 30))
    long = "urn:" + "x" * 200
    yield attack("a-long-namespace", "xml-namespace-malformed", extended(f'<x xmlns="{long}"/>' * 20),
                 extended('<x xmlns="urn:x"/>' * 20))


def namespaces() -> Iterator[Attack]:
    """Void canonicalisation: what has no canonical form is digested as nothing by some."""
    for name, space in (("relative", "x"), ("a-path", "/x"), ("dots", "../x"), ("a-fragment", "#x"), ("a-query", "?a:b"),
                        ("written-otherwise", "&#x75;rn:x")):
        yield attack(f"namespace-that-is-{name}", "xml-namespace-relative",
                     extended(f'<x xmlns="{space}"/>'), extended('<x xmlns="urn:x"/>'))
    yield attack("void-canonicalisation", "xml-namespace-relative",
                 signed(ASSERTION.but(namespaces=' xmlns:void="1"')), signed(ASSERTION.but(namespaces=' xmlns:v="urn:1"')))
    yield attack("void-canonicalisation-of-the-response", "xml-namespace-relative",
                 signed(response=RESPONSE.but(namespaces=' xmlns:void="1"')),
                 signed(response=RESPONSE.but(namespaces=' xmlns:v="urn:1"')))
    yield attack("prefix-without-a-namespace", "xml-namespace-malformed", extended("<void:x/>"), extended("<x/>"))
    yield attack("attribute-twice-by-two-prefixes", "xml-namespace-malformed",
                 extended('<x xmlns:a="urn:x" xmlns:b="urn:x" a:y="1" b:y="2"/>'),
                 extended('<x xmlns:a="urn:x" xmlns:b="urn:z" a:y="1" b:y="2"/>'))
    yield attack("prefix-without-a-name", "xml-namespace-malformed", extended('<x xmlns:y=""/>'),
                 extended('<x xmlns=""/>'))


def broken() -> Iterator[Attack]:
    """What is no XML."""
    usual = signed()
    yield attack("cut-off", "xml-malformed", usual[:-1], usual)
    yield attack("end-tag-of-another", "xml-malformed", extended("<x></y>"), extended("<x></x>"))
    yield attack("end-tag-too-many", "xml-malformed", usual + "</samlp:Response>", usual)
    yield attack("two-roots", "xml-malformed", usual + "<x/>", usual + "<!-- x -->")
    yield attack("text-behind", "xml-malformed", usual + "x", usual + "\n")
    yield attack("text-before", "xml-malformed", "\n\n<!-- -->x" + usual, "\n\n<!-- -->" + usual)
    yield attack("attribute-twice", "xml-malformed", extended('<x y="1" y="2"/>'), extended('<x y="1" z="2"/>'))
    yield attack("unknown-entity", "xml-malformed", extended("<x>&evil;</x>"), extended("<x>&amp;</x>"))
    yield attack("reference-to-zero", "xml-malformed", extended("<x>&#0;</x>"), extended("<x>&#9;</x>"))
    yield attack("a-control", "xml-malformed", extended("<x>\x01</x>"), extended("<x>\t</x>"))
    yield attack("attribute-without-quotes", "xml-malformed", extended("<x y=1/>"), extended('<x y="1"/>'))
    yield attack("less-than-in-a-value", "xml-malformed", extended('<x y="<"/>'), extended('<x y="&lt;"/>'))
    yield attack("two-dashes-in-a-comment", "xml-malformed", extended("<!-- a -- b -->"), extended("<!-- a - b -->"))
    yield attack("version-1.1", "xml-malformed", '<?xml version="1.1"?>' + usual, '<?xml version="1.0"?>' + usual)
    yield attack("nothing", "xml-malformed", "<", usual)


def comments() -> Iterator[Attack]:
    """A comment within a value: one library reads what stands before it, another all of it."""
    whole = f'<saml:NameID Format="{EMAIL}">ada@acme.example.evil.example</saml:NameID>'
    yield attack("comment-in-the-name", "xml-comment", named(whole.replace(".evil", "<!-- -->.evil")), named(whole))
    yield attack("comment-before-the-name", "xml-comment", named(whole.replace(">ada", "><!-- -->ada")), named(whole))
    yield attack("comment-behind-the-name", "xml-comment", named(whole.replace("example<", "example<!-- --><")),
                 named("<!-- -->" + whole))
    issuer = "<saml:Issuer>https://idp.example/metadata</saml:Issuer>"
    yield attack("comment-in-the-issuer", "xml-comment",
                 signed(ASSERTION.but(issuer_xml=issuer.replace("/meta", "<!-- -->/meta"))),
                 signed(ASSERTION.but(issuer_xml=issuer)))
    audience = f"<saml:AudienceRestriction><saml:Audience>{ENTITY}</saml:Audience></saml:AudienceRestriction>"
    yield attack("comment-in-the-audience", "xml-comment",
                 signed(ASSERTION.but(audience_xml=audience.replace("acme", "<!---->acme", 1))),
                 signed(ASSERTION.but(audience_xml="<!-- -->" + audience)))
    value = '<saml:Attribute Name="role"><saml:AttributeValue>administrators</saml:AttributeValue></saml:Attribute>'
    yield attack("comment-in-an-attribute", "xml-comment",
                 signed(ASSERTION.but(attributes_xml=value.replace("ministr", "m<!---->inistr"))),
                 signed(ASSERTION.but(attributes_xml=value)))
    # Behind the signature: the comment is in no canonical form, so that the digest stays right.
    yield attack("comment-put-in-later", "xml-comment", signed().replace(USER, "ada@acme.example<!-- -->", 1),
                 signed().replace("<saml:NameID", "<!-- --><saml:NameID", 1))


def all_of_xml() -> list[Attack]:
    """Every attack of this file."""
    return [*encodings(), *markup(), *bombs(), *namespaces(), *broken(), *comments()]
