import TestSupport

extension SeededGenerator {
    mutating func chooses(_ parts: Int, of whole: Int) -> Bool { Int.random(in: 0..<whole, using: &self) < parts }
}

extension Array {
    /// One of them; the array must have one.
    func one(_ random: inout SeededGenerator) -> Element { self[Int.random(in: indices, using: &random)] }
}
