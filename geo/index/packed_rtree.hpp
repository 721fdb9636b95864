#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace diaban::geo::index {

/// A static R-tree over boxes that the caller has already put in a good order (Hilbert), in the
/// manner of Kamel and Faloutsos (1993): level 0 is the boxes themselves, each node above covers
/// `fanout` neighbours of the level below.
///
/// `BoxT`   has min_x, min_y, max_x, max_y, a default value that is empty (unites as zero), and
///          `extend(BoxT)`, `intersects(BoxT)`.
/// Memory   one box per node above the leaves: 1/15 of the boxes. The leaves stay with the caller.
template <typename BoxT>
class PackedRtree {
public:
    static constexpr std::size_t fanout = 16;

    PackedRtree() = default;

    /// Cost  one pass over `boxes`.
    explicit PackedRtree(std::span<BoxT const> boxes) {
        std::size_t below = boxes.size();
        if (below == 0) return;
        std::span<BoxT const> children = boxes;
        std::vector<std::vector<BoxT>> levels;
        do {
            std::vector<BoxT> level((below + fanout - 1) / fanout);
            for (std::size_t i = 0; i < below; ++i) level[i / fanout].extend(children[i]);
            levels.push_back(std::move(level));
            children = levels.back();
            below = children.size();
        } while (below > 1);
        m_level_begin.push_back(0);
        for (auto const& level : levels) {
            m_nodes.insert(m_nodes.end(), level.begin(), level.end());
            m_level_begin.push_back(m_nodes.size());
        }
    }

    /// Calls `visit(i)` for each i with boxes[i] meeting `query`, in ascending i.
    ///
    /// `boxes`  the very boxes the tree was built over.
    /// Cost     grows with the answer; no allocation.
    template <typename Visit>
    void search(std::span<BoxT const> boxes, BoxT const& query, Visit&& visit) const {
        if (m_nodes.empty()) return;
        descend(boxes, query, m_level_begin.size() - 2, 0, visit);
    }

    [[nodiscard]] std::size_t bytes() const noexcept { return m_nodes.capacity() * sizeof(BoxT); }
    /// The box around everything; a default BoxT when there is nothing.
    [[nodiscard]] BoxT bounds() const noexcept { return m_nodes.empty() ? BoxT{} : m_nodes.back(); }

private:
    template <typename Visit>
    void descend(std::span<BoxT const> boxes, BoxT const& query, std::size_t level,
                 std::size_t node, Visit& visit) const {
        if (!m_nodes[m_level_begin[level] + node].intersects(query)) return;
        std::size_t const first = node * fanout;
        if (level == 0) {
            std::size_t const last = std::min(first + fanout, boxes.size());
            for (std::size_t i = first; i < last; ++i)
                if (boxes[i].intersects(query)) visit(i);
            return;
        }
        std::size_t const width = m_level_begin[level] - m_level_begin[level - 1];
        std::size_t const last = std::min(first + fanout, width);
        for (std::size_t child = first; child < last; ++child)
            descend(boxes, query, level - 1, child, visit);
    }

    std::vector<BoxT> m_nodes;              // level by level, leaves' parents first
    std::vector<std::size_t> m_level_begin; // into m_nodes; one past the last level at the end
};

} // namespace diaban::geo::index
