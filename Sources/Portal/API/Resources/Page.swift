/// A part of a list.
public struct Page<Item: Codable & Sendable>: Codable, Sendable {
    public let items: [Item]
    /// What `after` must say for the next part; nil on the last.
    public let next: String?

    public init(items: [Item], next: String?) {
        self.items = items
        self.next = next
    }

    /// A page of at most `limit` rows, of which one more was read to know whether there is a next page.
    static func cut<Row>(
        _ rows: [Row], limit: Int, id: (Row) -> String, item: (Row) throws -> Item
    ) rethrows -> Page {
        let kept = rows.prefix(limit)
        return Page(items: try kept.map(item), next: rows.count > limit ? kept.last.map(id) : nil)
    }
}
