import Foundation
import TestSupport
import Testing

@testable import Login

@Suite("Listed passwords are found behind their disguises")
struct PasswordListTests {
    private let list = PasswordList(["password", "sunshine", "iloveyou", "qwerty12345", "straße"])

    @Test(
        "a listed word is found whatever its capitals, substitutions, accents, and what stands around it",
        arguments: [
            "password", "PASSWORD", "P@ssw0rd", "pa55w0rd", "Pässwörd", "password1", "Password2026!", "!!password!!",
            "passwordpassword", "PasswordPassword12", "5un5h1n3", "Sunsh1ne-2026!", "I|oveYou", "Qwerty12345",
            "qwerty12345!", "STRASSE", "Straße#1",
        ])
    func found(text: String) { #expect(list.lists(text)) }

    @Test(
        "what only holds such a word, or hides it behind more than itself, is not it",
        arguments: ["passwort", "my password is long", "password-83749273!", "sunshines", "pass", "", "x-sunshine-y"])
    func notFound(text: String) { #expect(!list.lists(text)) }

    @Test("law: every mixture of capitals and substitutions of a listed word is found")
    func substitutions() {
        var random = SeededGenerator(seed: 6)
        let substitutes: [Character: [Character]] = [
            "a": ["a", "A", "4", "@"], "e": ["e", "E", "3", "€"], "i": ["i", "I", "1", "!", "|", "l"],
            "l": ["l", "L", "1", "!", "|"], "o": ["o", "O", "0"], "s": ["s", "S", "5", "$"], "t": ["t", "T", "7", "+"],
            "b": ["b", "B", "8"], "g": ["g", "G", "6", "9"], "z": ["z", "Z", "2"], "c": ["c", "C", "("],
        ]
        let words = ["liberty", "goblet", "zeolite", "basilica", "testing", "obstacle"]
        let list = PasswordList(words)
        for _ in 0..<2000 {
            let word = words[Int.random(in: 0..<words.count, using: &random)]
            var disguised = ""
            for character in word {
                let choices = substitutes[character] ?? [character, Character(character.uppercased())]
                disguised.append(choices[Int.random(in: 0..<choices.count, using: &random)])
            }
            #expect(list.lists(disguised), "\(word) as \(disguised)")
        }
    }

    @Test("law: a skeleton is the same in every spelling of a text, and folding it again changes nothing")
    func skeletons() {
        var random = SeededGenerator(seed: 7)
        let scalars: [Unicode.Scalar] = [
            "a", "E", "\u{E9}", "\u{301}", "\u{323}", "\u{DF}", "\u{130}", "1", "$", "\u{3A3}", "\u{AC00}", "\u{1D160}",
            "\u{4E2D}",
        ]
        for _ in 0..<2000 {
            var view = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 1...12, using: &random) {
                view.append(scalars[Int.random(in: 0..<scalars.count, using: &random)])
            }
            let text = String(view)
            let skeleton = PasswordSkeleton.of(text)
            #expect(PasswordSkeleton.of(skeleton) == skeleton, "\(Array(text.unicodeScalars))")
            #expect(PasswordSkeleton.of(text.decomposedStringWithCanonicalMapping) == skeleton)
            #expect(PasswordSkeleton.of(text.precomposedStringWithCanonicalMapping) == skeleton)
        }
    }

    @Test("law: shapes are bounded, however long the text")
    func bounded() {
        let long = String(repeating: "ab1", count: 1300)
        #expect(PasswordList.shapes(of: long).count <= 8)
        #expect(PasswordList(["ab1"]).lists(long))
    }

    @Test("an empty list and empty lines list nothing")
    func empty() {
        #expect(!PasswordList().lists("password"))
        #expect(PasswordList(["", "a"]).count == 1)
    }
}

@Suite("What others know of a person is no password")
struct PasswordOwnerTests {
    @Test("parts of names, addresses, tenants and hosts count, short ones and everybody's do not")
    func parts() {
        let owner = PasswordOwner(
            name: "Li-Ann O'Neill", email: "j.d.oe@mail.example.org", tenantName: "The Blue Co",
            hosts: ["app.blue.example.com"])
        #expect(owner.parts == Set(["ann", "neill", "jdoe", "mail", "example", "blue"].map(PasswordSkeleton.of)))
    }

    @Test("nobody is nowhere, and a person is found in every disguise")
    func appears() {
        #expect(!PasswordOwner().appears(in: "anything at all"))
        let owner = PasswordOwner(name: "Jörg Weiß")
        #expect(owner.appears(in: "xx-J0RG-xx"))
        #expect(owner.appears(in: "xxWEI55xx"))
        #expect(!owner.appears(in: "Jor-g"))
        let short = PasswordOwner(name: "Eve")
        for text in ["Eve", "Eve-2026", "x-3v3", "1eve2"] { #expect(short.appears(in: text), "\(text)") }
        for text in ["Seven", "steve", "evening", "E-v-e", "ev"] { #expect(!short.appears(in: text), "\(text)") }
    }
}
