import Foundation
import Testing

@testable import Gateway

@Suite("README.md shows what is so")
struct ReadmeTests {
    @Test("its ten lines are a whole configuration, without a fault or a warning")
    func tenLines() throws {
        let text = try CommittedFile.text("README.md")
        let blocks = text.components(separatedBy: "```yaml\n").dropFirst()
        #expect(blocks.count == 1)
        for block in blocks {
            let yaml = try #require(block.components(separatedBy: "```").first)
            #expect(yaml.split(separator: "\n").count == 10)
            var folder = ConfigurationFolder(text: yaml)
            folder.write("tls/app.pem", ConfigurationFolder.chain)
            folder.write("tls/app.key", ConfigurationFolder.key)
            #expect(folder.faults() == [])
            #expect(folder.load().warnings == [])
        }
    }

    @Test("every file that README.md and the documents link to is there")
    func links() throws {
        let folder = "Sources/Gateway/Documentation.docc"
        let pages = try FileManager.default.contentsOfDirectory(atPath: CommittedFile.url(folder).path)
            .filter { $0.hasSuffix(".md") }
        let known = Set(
            pages.map { $0.dropLast(3) }
                + (try FileManager.default.contentsOfDirectory(
                    atPath: CommittedFile.url("\(folder)/Decisions").path
                ).map { $0.dropLast(3) }))
        for page in pages {
            for match in try CommittedFile.text("\(folder)/\(page)").matches(of: /<doc:([^>]+)>/) {
                #expect(known.contains(match.1), "\(page) links to \(match.1)")
            }
        }
        let readme = try CommittedFile.text("README.md")
        let links = readme.matches(of: /\]\(([^)]+)\)/).map(\.1) + readme.matches(of: /src(?:set)?="([^"]+)"/).map(\.1)
        for link in links where !link.hasPrefix("https://") {
            #expect(FileManager.default.fileExists(atPath: CommittedFile.url(String(link)).path), "\(link) is missing")
        }
    }
}
