#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace diaban::geo::route {

/// A queue that gives the least first: a heap of four children a node, whose nodes share a line of
/// the cache. Keeps its memory when it is emptied.
template <typename Entry>
class LeastHeap {
public:
    [[nodiscard]] bool empty() const noexcept { return m_entries.empty(); }
    void clear() noexcept { m_entries.clear(); }

    void push(Entry entry) {
        std::size_t at = m_entries.size();
        m_entries.push_back(entry);
        while (at > 0) {
            std::size_t const above = (at - 1) / 4;
            if (!(entry < m_entries[above])) break;
            m_entries[at] = m_entries[above];
            at = above;
        }
        m_entries[at] = entry;
    }

    /// Not checked: that it is not empty.
    Entry pop() {
        Entry const least = m_entries.front();
        Entry const moved = m_entries.back();
        m_entries.pop_back();
        if (!m_entries.empty()) sink(moved);
        return least;
    }

private:
    void sink(Entry const& moved) {
        std::size_t const size = m_entries.size();
        std::size_t at = 0;
        for (std::size_t child = 1; child < size; child = 4 * at + 1) {
            std::size_t best = child;
            for (std::size_t i = child + 1; i < std::min(child + 4, size); ++i)
                if (m_entries[i] < m_entries[best]) best = i;
            if (!(m_entries[best] < moved)) break;
            m_entries[at] = m_entries[best];
            at = best;
        }
        m_entries[at] = moved;
    }

    std::vector<Entry> m_entries;
};

} // namespace diaban::geo::route
