/// Punycode (RFC 3492), one way: a label's code points as ASCII.
enum Punycode {
    /// The longest label read, in code points: more than fit into 63 bytes are refused anyway.
    static let longest = 63

    /// The basic code points, a delimiter where there are any, and the encoded rest (§6.3), without `xn--`.
    /// Nil for labels beyond the bound.
    static func encode(_ points: [UInt32]) -> String? {
        guard points.count <= longest else { return nil }
        let basic = points.filter { $0 < 0x80 }
        var output = basic.map { UInt8($0) }
        if !basic.isEmpty { output.append(UInt8(ascii: "-")) }
        var (next, delta, bias) = (128, 0, 72)
        var handled = basic.count
        while handled < points.count {
            guard let smallest = points.filter({ Int($0) >= next }).min() else { return nil }
            // 63 points below 0x110000 cannot overflow 64 bits.
            delta += (Int(smallest) - next) * (handled + 1)
            next = Int(smallest)
            for point in points {
                if Int(point) < next { delta += 1 }
                guard Int(point) == next else { continue }
                appendNumber(delta, bias: bias, to: &output)
                bias = adapted(delta, points: handled + 1, isFirst: handled == basic.count)
                delta = 0
                handled += 1
            }
            delta += 1
            next += 1
        }
        return String(decoding: output, as: UTF8.self)
    }

    private static func appendNumber(_ number: Int, bias: Int, to output: inout [UInt8]) {
        var rest = number
        var position = 36
        while true {
            let threshold = min(max(position - bias, 1), 26)
            if rest < threshold { break }
            output.append(digit(threshold + (rest - threshold) % (36 - threshold)))
            rest = (rest - threshold) / (36 - threshold)
            position += 36
        }
        output.append(digit(rest))
    }

    /// §6.1.
    private static func adapted(_ delta: Int, points: Int, isFirst: Bool) -> Int {
        var delta = isFirst ? delta / 700 : delta / 2
        delta += delta / points
        var steps = 0
        while delta > 455 {
            delta /= 35
            steps += 36
        }
        return steps + 36 * delta / (delta + 38)
    }

    private static func digit(_ value: Int) -> UInt8 {
        value < 26 ? UInt8(ascii: "a") + UInt8(value) : UInt8(ascii: "0") + UInt8(value - 26)
    }
}
