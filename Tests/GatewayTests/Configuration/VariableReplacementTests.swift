import Access
import Testing

@testable import Gateway

@Suite("Variables are replaced as a shell does it, once")
struct VariableReplacementTests {
    private func replaced(_ text: String, _ environment: [String: String] = ["A": "x", "EMPTY": ""]) -> String? {
        var variables = VariableReplacement(environment: environment)
        return try? variables.replaced(in: text).get()
    }

    @Test(
        "a text with variables becomes the text that they make",
        arguments: [
            ("${A}", "x"), ("a${A}b${A}", "axbx"), ("$A", "$A"), ("$", "$"), ("$$", "$$"), ("$${A}", "${A}"),
            ("$$${A}", "$${A}"), ("${B:-y}", "y"), ("${A:-y}", "x"), ("${EMPTY:-y}", "y"), ("${EMPTY}", ""),
            ("${B:-}", ""),
            ("${B:-a:-b}", "a:-b"), ("${B:-$A}", "$A"), ("no variable", "no variable"),
        ])
    func replacement(_ text: String, _ result: String) { #expect(replaced(text) == result) }

    @Test("what a variable holds is not looked through again")
    func once() { #expect(replaced("${A}", ["A": "${B}", "B": "x"]) == "${B}") }

    @Test(
        "an unset, unclosed or misnamed variable is refused",
        arguments: ["${B}", "${A", "${}", "${A B}", "${-A}", "${:-x}"])
    func refused(_ text: String) { #expect(replaced(text) == nil) }

    @Test("no text and no run grows without bound")
    func bounds() {
        let long = String(repeating: "x", count: VariableReplacement.longestText)
        #expect(replaced("${A}", ["A": long]) == long)
        #expect(replaced("${A}y", ["A": long]) == nil)
        var variables = VariableReplacement(environment: ["A": long])
        let times = VariableReplacement.mostBytes / VariableReplacement.longestText
        for _ in 0..<times { #expect((try? variables.replaced(in: "${A}").get()) != nil) }
        #expect((try? variables.replaced(in: "${A}").get()) == nil)
    }

    @Test("variables work in lists, names and tenants")
    func everywhere() throws {
        var folder = ConfigurationFolder(adding: "shared_hosts: [\"${HOST}\", \"b.${HOST}\"]")
        folder.environment = ["HOST": "www.example.org", "TENANT": "acme"]
        folder.write("tenants/a.yaml", "id: ${TENANT}\nname: The ${TENANT}\n")
        let settings = try folder.settings()
        #expect(settings.access.sharedHosts == ["www.example.org", "b.www.example.org"])
        #expect(settings.access.tenants.map(\.name) == ["The acme"])
    }
}
