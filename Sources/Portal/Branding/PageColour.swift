/// A colour of a page, in sRGB.
public struct PageColour: Hashable, Sendable, CustomStringConvertible {
    let red: UInt8
    let green: UInt8
    let blue: UInt8

    init(red: UInt8, green: UInt8, blue: UInt8) {
        self.red = red
        self.green = green
        self.blue = blue
    }

    /// Reads `#rrggbb`; nil for anything else.
    public init?(_ text: String) {
        let octets = Array(text.utf8)
        guard octets.count == 7, octets[0] == UInt8(ascii: "#"),
            octets.dropFirst().allSatisfy({
                (0x30...0x39).contains($0) || (0x61...0x66).contains($0) || (0x41...0x46).contains($0)
            }), let value = UInt32(text.dropFirst(), radix: 16)
        else { return nil }
        self.init(
            red: UInt8(truncatingIfNeeded: value >> 16), green: UInt8(truncatingIfNeeded: value >> 8),
            blue: UInt8(truncatingIfNeeded: value))
    }

    /// `#rrggbb`, lower-case.
    public var description: String {
        "#" + [red, green, blue].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// How far it stands out from another, 1…21 (WCAG 2.2, contrast ratio).
    public func contrast(with other: PageColour) -> Double {
        let (one, two) = (luminance, other.luminance)
        return (max(one, two) + 0.05) / (min(one, two) + 0.05)
    }

    /// So much of it, the rest of another.
    /// - Parameter share: 0…1.
    func mixed(_ share: Double, with other: PageColour) -> PageColour {
        func mix(_ one: UInt8, _ two: UInt8) -> UInt8 {
            UInt8(min(255, max(0, (Double(one) * share + Double(two) * (1 - share)).rounded())))
        }
        return PageColour(red: mix(red, other.red), green: mix(green, other.green), blue: mix(blue, other.blue))
    }

    /// WCAG 2.2, relative luminance.
    private var luminance: Double {
        0.2126 * Self.linear(red) + 0.7152 * Self.linear(green) + 0.0722 * Self.linear(blue)
    }

    private static func linear(_ part: UInt8) -> Double {
        let value = Double(part) / 255
        return value <= 0.04045 ? value / 12.92 : Self.gamma(value)
    }

    /// ((value + 0.055) / 1.055) ^ 2.4, without a library of mathematics: x^2.4 = x^2 · (x^2)^(1/5).
    private static func gamma(_ value: Double) -> Double {
        let base = (value + 0.055) / 1.055
        let square = base * base
        // Newton's method for the fifth root; from 1 downwards it converges for 0 < square ≤ 1.
        var root = 1.0
        for _ in 0..<40 { root -= (root * root * root * root * root - square) / (5 * root * root * root * root) }
        return square * root
    }
}

/// The grounds that the stylesheet paints text on, which other colours must stand out from.
public enum PageTheme: Sendable, CaseIterable {
    case light, dark

    /// Text needs so much contrast (WCAG 2.2, 1.4.3).
    public static let leastContrast = 4.5

    /// What accents are read on: `--paper` and `--ground`.
    public var grounds: [PageColour] {
        switch self {
        case .light: [.white, PageColour(red: 0xEE, green: 0xF1, blue: 0xF5)]
        case .dark:
            [PageColour(red: 0x1A, green: 0x22, blue: 0x2C), PageColour(red: 0x10, green: 0x16, blue: 0x1D)]
        }
    }

    /// The least contrast that a colour has with one of the grounds.
    public func contrast(of colour: PageColour) -> Double {
        grounds.map { colour.contrast(with: $0) }.min() ?? 1
    }

    /// What a colour becomes under the pointer: it moves away from the grounds.
    func strengthened(_ colour: PageColour) -> PageColour {
        switch self {
        case .light: colour.mixed(0.75, with: .black)
        case .dark: colour.mixed(0.65, with: .white)
        }
    }
}

extension PageColour {
    static let white = PageColour(red: 0xFF, green: 0xFF, blue: 0xFF)
    static let black = PageColour(red: 0, green: 0, blue: 0)
}
