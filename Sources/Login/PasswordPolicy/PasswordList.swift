/// Passwords that are refused because somebody has listed them, whatever their capitals and substitutions.
///
/// A listed word is also found where it is written several times, and where digits and symbols before and behind it
/// are at most as many as its own characters: `Sunshine-2026!` is `sunshine`.
public struct PasswordList: Sendable, Hashable {
    private let skeletons: Set<String>

    /// An empty list.
    public init() { skeletons = [] }

    /// - Parameter words: one password each, in any spelling.
    public init(_ words: some Sequence<some StringProtocol>) {
        var skeletons: Set<String> = []
        for word in words where !word.isEmpty { skeletons.insert(PasswordSkeleton.of(String(word))) }
        self.skeletons = skeletons
    }

    /// How many different ones there are.
    public var count: Int { skeletons.count }

    public var isEmpty: Bool { skeletons.isEmpty }

    /// Whether the password is a listed one.
    func lists(_ password: String) -> Bool {
        guard !skeletons.isEmpty else { return false }
        return Self.shapes(of: PasswordSkeleton.folded(password)).contains { skeletons.contains($0) }
    }

    /// What a listed word may hide behind, as skeletons; at most eight.
    static func shapes(of folded: String) -> Set<String> {
        let scalars = Array(folded.unicodeScalars)
        var shapes: Set<String> = []
        for part in [scalars[...], withoutSymbols(scalars[...]), withoutEnd(scalars[...]), withoutBoth(scalars[...])]
        where 2 * part.count >= scalars.count {
            let skeleton = PasswordSkeleton.substituted(text(part))
            shapes.insert(skeleton)
            shapes.insert(unit(of: skeleton))
        }
        return shapes
    }

    /// The shortest text of which this is a repetition; itself where it is none.
    private static func unit(of text: String) -> String {
        let scalars = Array(text.unicodeScalars)
        guard scalars.count > 1 else { return text }
        // The longest border, as Knuth, Morris and Pratt compute it: linear in the length.
        var border = [Int](repeating: 0, count: scalars.count)
        var length = 0
        for index in 1..<scalars.count {
            while length > 0, scalars[index] != scalars[length] { length = border[length - 1] }
            if scalars[index] == scalars[length] { length += 1 }
            border[index] = length
        }
        let period = scalars.count - (border.last ?? 0)
        return scalars.count.isMultiple(of: period) ? self.text(scalars[..<period]) : text
    }

    private static func withoutSymbols(_ scalars: ArraySlice<Unicode.Scalar>) -> ArraySlice<Unicode.Scalar> {
        var scalars = scalars
        while let last = scalars.last, CharacterKind.of(last) == .special, !last.properties.isAlphabetic {
            scalars.removeLast()
        }
        return scalars
    }

    private static func withoutEnd(_ scalars: ArraySlice<Unicode.Scalar>) -> ArraySlice<Unicode.Scalar> {
        var scalars = scalars
        while let last = scalars.last, !last.properties.isAlphabetic { scalars.removeLast() }
        return scalars
    }

    private static func withoutBoth(_ scalars: ArraySlice<Unicode.Scalar>) -> ArraySlice<Unicode.Scalar> {
        withoutEnd(scalars).drop { !$0.properties.isAlphabetic }
    }

    private static func text(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }
}
