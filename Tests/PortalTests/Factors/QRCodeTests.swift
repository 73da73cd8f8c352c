import Testing

@testable import Portal

@Suite("QR codes")
struct QRCodeTests {
    /// The rows of a drawing: what a camera would see of it.
    private func rows(_ svg: String) throws -> [[Bool]] {
        let side = try #require(svg.between("viewBox=\"0 0 ", " ").flatMap { Int($0) })
        var dark = [[Bool]](repeating: [Bool](repeating: false, count: side), count: side)
        for run in try #require(svg.between(" d=\"", "\"")).split(separator: "M") {
            let numbers = run.split { !$0.isNumber }.compactMap { Int($0) }
            let (x, y, width) = (try #require(numbers.first), numbers[1], numbers[2])
            #expect(numbers.count == 5 && numbers[3] == 1 && numbers[4] == width)
            for column in x..<x + width { dark[y][column] = true }
        }
        let quiet = QRCode.quietZone
        for index in 0..<side {
            for edge in [0..<quiet, side - quiet..<side] {
                for other in edge { #expect(!dark[other][index] && !dark[index][other]) }
            }
        }
        return dark[quiet..<side - quiet].map { Array($0[quiet..<side - quiet]) }
    }

    @Test(
        "a reader of the standard's gets the very text",
        arguments: [
            "A", "Käse & <Brot>",
            "otpauth://totp/Acme%20GmbH:erika%40acme.example?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Acme%20GmbH",
            String(repeating: "otpauth://", count: 30), String(repeating: "é", count: 256),
        ])
    func read(text: String) throws {
        let svg = try #require(QRCode.svg(text))
        #expect(try QRCodeReader.text(rows(svg)) == text)
    }

    @Test("a code with one wrong module is not read: the reader mends nothing", arguments: [(10, 12), (20, 9), (3, 3)])
    func wrong(row: Int, column: Int) throws {
        var rows = try #require(QRCode.modules("otpauth://totp/x?secret=JBSWY3DPEHPK3PXP"))
        rows[row][column].toggle()
        #expect(throws: QRCodeReader.Fault.self) { try QRCodeReader.text(rows) }
    }

    @Test("nothing and what is too long get no code")
    func bounds() throws {
        #expect(QRCode.svg("") == nil)
        #expect(QRCode.svg(String(repeating: "x", count: 512)) != nil)
        #expect(QRCode.svg(String(repeating: "x", count: 513)) == nil)
    }

    @Test("it is dark on white whatever the page's colours, named, and its name is text")
    func drawing() throws {
        let svg = try #require(QRCode.svg("x", label: "QR \"code\" <b>"))
        #expect(svg.hasPrefix("<svg class=\"qr\" role=\"img\" aria-label=\"QR &quot;code&quot; &lt;b&gt;\""))
        #expect(svg.contains("<rect width=\"29\" height=\"29\" fill=\"#fff\"/>"))
        #expect(svg.contains("fill=\"#000\""))
        #expect(!svg.contains("style=") && !svg.contains("<script") && !svg.contains("xlink"))
    }
}
