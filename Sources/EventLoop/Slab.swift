/// The name of an element in a `Slab`: a place, and which of the place's tenants in time is meant.
public struct Handle: Hashable, Sendable {
    public let index: UInt32
    public let generation: UInt32

    /// Generations are 24 bits, so that a handle and a kind fit into one epoll token.
    @inlinable static var generationMask: UInt32 { 0xFF_FFFF }

    public init(index: UInt32, generation: UInt32) {
        self.index = index
        self.generation = generation
    }
}

/// Elements named by handles.  A handle whose element was removed finds nothing, also when the place has
/// a new one: after 2^24 re-uses of one place it could be mistaken, which no queue outlives.
public struct Slab<Element> {
    @usableFromInline
    struct Place {
        @usableFromInline var element: Element?
        @usableFromInline var generation: UInt32

        @inlinable
        init(element: Element?, generation: UInt32) {
            self.element = element
            self.generation = generation
        }
    }

    @usableFromInline var places: [Place] = []
    @usableFromInline var free: [UInt32] = []

    @inlinable
    public init() {}

    /// Elements present.
    @inlinable
    public var count: Int { places.count - free.count }

    /// Takes a place for an element that needs to know its own handle; `fill` must follow.
    @inlinable
    public mutating func reserve() -> Handle {
        let index: UInt32
        if let place = free.popLast() {
            index = place
        } else {
            index = UInt32(places.count)
            places.append(Place(element: nil, generation: 1))
        }
        return Handle(index: index, generation: places[Int(index)].generation)
    }

    /// Puts the element into its reserved place.
    @inlinable
    public mutating func fill(_ handle: Handle, with element: Element) {
        precondition(places[Int(handle.index)].generation == handle.generation)
        places[Int(handle.index)].element = element
    }

    /// The element of `handle`; nil where it is gone.
    @inlinable
    public subscript(handle: Handle) -> Element? {
        let index = Int(handle.index)
        guard index < places.count, places[index].generation == handle.generation else { return nil }
        return places[index].element
    }

    /// Takes the element of `handle` out; every handle to it is stale from now on.
    @discardableResult
    @inlinable
    public mutating func remove(_ handle: Handle) -> Element? {
        let index = Int(handle.index)
        guard index < places.count, places[index].generation == handle.generation,
            let element = places[index].element
        else { return nil }
        places[index].element = nil
        let next = (places[index].generation + 1) & Handle.generationMask
        places[index].generation = next == 0 ? 1 : next
        free.append(handle.index)
        return element
    }

    /// Handles of all present elements.
    @inlinable
    public var handles: [Handle] {
        places.indices.compactMap { index in
            places[index].element == nil
                ? nil : Handle(index: UInt32(index), generation: places[index].generation)
        }
    }
}
