import Testing

@testable import Gateway

@Suite("A file is read as strict YAML, or refused with line and column")
struct YAMLSourceTests {
    private static let good = """
        public_url: https://app.example.org
        listeners: [{ address: "127.0.0.1:8443", tls: { certificates: [{ chain_file: c.pem, key_file: k.key }] } }]
        """

    @Test(
        "what is no YAML is refused where it goes wrong",
        arguments: [
            (
                "listeners:\n\t- address: \":1\"\n",
                "g.yaml:2:1: not valid YAML: a tab stands where the line is indented; allowed: spaces; replace the tab by spaces"
            ),
            (
                "a: [1, 2\nb: 3\n",
                "g.yaml:2:2: not valid YAML: did not find expected ',' or ']'; separate entries by commas and close the list with ]"
            ),
            (
                "a: {b: 1\nc: 2\n",
                "g.yaml:2:2: not valid YAML: did not find expected ',' or '}'; separate entries by commas and close the mapping with }"
            ),
            (
                "a: b: c\n",
                "g.yaml:1:5: not valid YAML: mapping values are not allowed in this context; indent keys of one mapping alike, and quote a text that holds a colon followed by a space"
            ),
            (
                "a: \"b\n",
                "g.yaml:2:1: not valid YAML: found unexpected end of stream; close the quote, the [ or the { that is still open"
            ),
            (
                "a: *.example.org\n",
                "g.yaml:1:5: not valid YAML: did not find expected alphabetic or numeric character; quote a text that begins with * or &, such as \"*.example.org\""
            ),
            (
                "a: 1\n b: 2\n",
                "g.yaml:2:3: not valid YAML: mapping values are not allowed in this context; indent keys of one mapping alike, and quote a text that holds a colon followed by a space"
            ),
            (
                "a: @b\n",
                "g.yaml:1:4: not valid YAML: found character that cannot start any token; check indentation, quotes and brackets on this line and the one above"
            ),
            (
                "a: 1\n---\nb: 2\n",
                "g.yaml:2:1: a second document begins here; allowed: one document a file; delete the line ---, or what follows it"
            ),
            ("a: 1\nb: 2\n\"a\": 3\n", "g.yaml:1:1: \"a\" stands twice in this mapping; each key once; keep one"),
        ])
    func malformed(_ text: String, _ fault: String) {
        #expect(ConfigurationFolder(text: text).faults() == [fault])
    }

    @Test("a key that stands twice deep inside is refused")
    func duplicateInside() {
        let faults = ConfigurationFolder(text: Self.good + "\nlimits:\n  headers: 1\n  body: 1\n  headers: 2\n")
            .faults()
        #expect(faults == ["g.yaml:4:3: \"headers\" stands twice in this mapping; each key once; keep one"])
    }

    @Test("an anchor is refused, used or not")
    func anchor() {
        let text = "an anchor (&name) or alias (*name) stands here; neither is read in this file; write the value out"
        #expect(
            ConfigurationFolder(text: Self.good + "\nshared_hosts: &h [a.example]\n").faults() == [
                "g.yaml:3:15: \(text)"
            ])
        #expect(
            ConfigurationFolder(text: Self.good + "\nshared_hosts: [&h a.example, *h]\n").faults()
                == ["g.yaml:3:16: \(text)", "g.yaml:3:16: \(text)"])
        #expect(ConfigurationFolder(text: Self.good + "\nshared_hosts: *h\n").faults() == ["g.yaml:3:15: \(text)"])
    }

    @Test("a bomb of aliases is refused before it is composed, also as a key", .timeLimit(.minutes(5)))
    func bomb() {
        var text = "a0: &a0 [x]\n"
        for level in 1...64 { text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
        text += "? *a64\n: 1\n"
        let faults = ConfigurationFolder(text: text).faults()
        #expect(faults.count == 1)
        #expect(faults.first?.hasPrefix("g.yaml:6:10: an anchor (&name) or alias (*name) stands here") == true)
    }

    @Test("a tag is refused")
    func tag() {
        let faults = ConfigurationFolder(text: Self.good + "\nlimits: { headers: !!int 5, body: !size 1 }\n").faults()
        #expect(
            faults == [
                "g.yaml:3:20 limits.headers: the tag \"tag:yaml.org,2002:int\" stands here; no tags are read; delete it; the key says what its value is",
                "g.yaml:3:35 limits.body: the tag \"!size\" stands here; no tags are read; delete it; the key says what its value is",
            ])
    }

    @Test("a nesting without end is refused", .timeLimit(.minutes(5)))
    func depth() {
        let flow = ConfigurationFolder(text: "a: " + String(repeating: "[", count: 400_000)).faults()
        #expect(flow.count == 1)
        #expect(flow.first?.contains("nest at most 16 levels") == true)
        let block = ConfigurationFolder(text: String(repeating: "- ", count: 400_000)).faults()
        #expect(block.count == 1)
        let twenty = "a: " + String(repeating: "[", count: 20) + String(repeating: "]", count: 20)
        #expect(ConfigurationFolder(text: twenty).faults().contains { $0.contains("nested deeper than 16 levels") })
    }

    @Test("a file of 1 MiB is read and one byte more is refused")
    func size() throws {
        let filler = { (count: Int) in Self.good + "\n#" + String(repeating: "x", count: count) }
        let room = 1_048_576 - filler(0).utf8.count
        #expect(ConfigurationFolder(text: filler(room)).faults() == [])
        #expect(
            ConfigurationFolder(text: filler(room + 1)).faults()
                == ["g.yaml: larger than 1 MiB; allowed: 1 MiB a configuration file"])
    }

    @Test("a byte-order mark and CRLF change nothing")
    func marks() throws {
        let text = Self.good + "\nshared_hosts: [a b]\n"
        let plain = ConfigurationFolder(text: text).faults()
        #expect(plain.count == 1)
        #expect(ConfigurationFolder(bytes: [0xEF, 0xBB, 0xBF] + Array(text.utf8)).faults() == plain)
        let crlf = Array(text.utf8).flatMap { $0 == 0x0A ? [0x0D, 0x0A] : [$0] }
        #expect(ConfigurationFolder(bytes: crlf).faults() == plain)
    }

    @Test("what is not UTF-8 is refused where it stands")
    func encoding() {
        let fault = { (bytes: [UInt8]) in ConfigurationFolder(bytes: bytes).faults() }
        #expect(
            fault(Array("a: 1\nbü: ".utf8) + [0xFC, 0x0A])
                == ["g.yaml:2:5: this is not UTF-8; allowed: UTF-8; save the file as UTF-8"])
        #expect(
            fault([0xFF, 0xFE, 0x61, 0x00]) == ["g.yaml:1:1: the file is UTF-16; allowed: UTF-8; save it as UTF-8"])
        #expect(
            fault(Array("a: \u{0}".utf8))
                == ["g.yaml:1:4: the character U+0000 stands here; allowed: text without control characters; delete it"]
        )
        #expect(
            fault(Array("a: 1\nb: x\u{2028}".utf8))
                == ["g.yaml:2:5: the character U+2028 stands here; allowed: text without control characters; delete it"]
        )
    }

    @Test("an empty file, and one of comments alone, miss what is required")
    func empty() {
        for text in ["", "# nothing\n", "---\n", "{}\n"] {
            #expect(
                ConfigurationFolder(text: text).faults().allSatisfy {
                    $0.contains("missing; required:") || $0.contains("nothing stands here")
                })
            #expect(!ConfigurationFolder(text: text).faults().isEmpty)
        }
    }

    @Test("a list or a text in place of the file's mapping is refused")
    func root() {
        #expect(
            ConfigurationFolder(text: "- a\n").faults().first?.hasPrefix(
                "g.yaml:1:1: a list stands here; expected a mapping") == true)
        #expect(
            ConfigurationFolder(text: "a\n").faults().first?.hasPrefix(
                "g.yaml:1:1: \"a\" stands here; expected a mapping") == true)
    }

    @Test("a key that is a list is refused")
    func complexKey() {
        let faults = ConfigurationFolder(text: Self.good + "\n? [a]\n: 1\n").faults()
        #expect(faults == ["g.yaml:3:3: a key is a list or a mapping; keys are names"])
    }

    @Test(
        "a file that cannot be read is refused with its reason",
        arguments: [
            (FileInspector.Failure.missing, "no such file; create it, or mend the path"),
            (.notPermitted, "the file cannot be read: permission denied; give the gateway's user the right to read it"),
            (.isFolder, "this is a folder; name a file"),
            (.isSpecial, "this is a device, a pipe or a socket; name a regular file"),
            (.other("Input/output error"), "the file cannot be read: Input/output error"),
        ])
    func unreadable(_ failure: FileInspector.Failure, _ words: String) {
        var folder = ConfigurationFolder()
        folder.failures["/srv/g.yaml"] = failure
        #expect(folder.faults() == ["g.yaml: \(words)"])
    }
}
