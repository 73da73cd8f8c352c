import Testing

@testable import Store

@Suite("Normalized e-mail")
struct NormalizedEmailTests {
    @Test(
        "spellings of one address meet",
        arguments: [
            (" Erika@Example.ORG\n", "erika@example.org"), ("erika+tag@example.org", "erika+tag@example.org"),
            ("JOSE\u{301}@example.org", "josé@example.org"), ("josé@example.org", "josé@example.org"),
            ("x@Bücher.example", "x@xn--bcher-kva.example"), ("x@XN--BCHER-KVA.example", "x@xn--bcher-kva.example"),
            ("x@bu\u{308}cher.example", "x@xn--bcher-kva.example"), ("x@münchen.de", "x@xn--mnchen-3ya.de"),
        ])
    func meets(typed: String, text: String) { #expect(NormalizedEmail(typed)?.text == text) }

    @Test(
        "what is no address is refused",
        arguments: [
            "", "@", "a@", "@b", "a", "a b@c.d", "a@b@c", "a@-b.c", "a@b-.c", "a@b..c", "a@b.c.", "a@[127.0.0.1]",
            "\"a\"@b.c", "a<b@c.d", "a\u{0}@b.c", "a@b_c.d", "a@b c", "a,b@c.d",
            String(repeating: "a", count: 65) + "@b.c",
            "a@" + String(repeating: "b", count: 64) + ".c", "a@b\u{2028}.c", "a@☃.example",
        ])
    func refused(typed: String) { #expect(NormalizedEmail(typed) == nil) }

    @Test(
        "the samples of RFC 3492 §7.1 hold",
        arguments: [
            ("ليهمابتكلموشعربي؟", "egbpdaj6bu4bxfgehfvwxn"), ("他们为什么不说中文", "ihqwcrb4cv8a8dqg056pqjye"),
            ("porquénopuedensimplementehablarenespañol", "porqunopuedensimplementehablarenespaol-fmd56a"),
            ("3年b組金八先生", "3b-ww4c5e180e575a65lsy2b"),
        ])
    func punycode(plain: String, encoded: String) {
        #expect(Punycode.encode(plain.unicodeScalars.map(\.value)) == encoded)
    }
}
