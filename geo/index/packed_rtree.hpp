#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace diaban::geo::index {

/// A static R-tree over boxes that the caller has already put in a good order (Hilbert), in the
/// manner of Kamel and Faloutsos (1993): level 0 is the boxes themselves, each node above covers
/// `fanout` neighbours of the level below. The tree borrows its boxes; its nodes are its own, or
/// lie where the caller keeps them: in a mapped file.
///
/// `BoxT`   has min_x, min_y, max_x, max_y, a default value that is empty (unites as zero), and
///          `extend(BoxT)`, `intersects(BoxT)`.
/// Memory   one box per node above the leaves: 1/15 of the boxes.
template <typename BoxT>
class PackedRtree {
public:
    static constexpr std::size_t fanout = 16;

    /// The nodes over `boxes`, level by level, leaves' parents first.
    /// Cost  one pass over `boxes`.
    [[nodiscard]] static std::vector<BoxT> nodes_over(std::span<BoxT const> boxes) {
        std::vector<BoxT> nodes(node_count(boxes.size()));
        std::span<BoxT const> below = boxes;
        std::size_t begin = 0;
        while (begin < nodes.size()) {
            std::size_t const count = parents(below.size());
            for (std::size_t i = 0; i < below.size(); ++i)
                nodes[begin + i / fanout].extend(below[i]);
            below = std::span<BoxT const>{nodes}.subspan(begin, count);
            begin += count;
        }
        return nodes;
    }
    /// How many nodes stand over so many boxes.
    [[nodiscard]] static constexpr std::size_t node_count(std::size_t boxes) noexcept {
        std::size_t count = 0;
        while (boxes > 0) {
            boxes = parents(boxes);
            count += boxes;
            if (boxes == 1) break;
        }
        return count;
    }

    PackedRtree() = default;
    PackedRtree(PackedRtree&&) noexcept = default;
    PackedRtree& operator=(PackedRtree&&) noexcept = default;
    /// A tree with nodes of its own over `boxes`, which outlive it.
    explicit PackedRtree(std::span<BoxT const> boxes) : PackedRtree{boxes, {}, nodes_over(boxes)} {}
    /// `nodes` are what `nodes_over(boxes)` gave; both outlive the tree.
    PackedRtree(std::span<BoxT const> boxes, std::span<BoxT const> nodes)
        : PackedRtree{boxes, nodes, {}} {}

    /// Calls `visit(i)` for each i with boxes[i] meeting `query`, in ascending i.
    ///
    /// Cost     grows with the answer; no allocation.
    template <typename Visit>
    void search(BoxT const& query, Visit&& visit) const {
        if (m_nodes.empty()) return;
        descend(query, m_level_begin.size() - 2, 0, visit);
    }

    /// The box around everything; a default BoxT when there is nothing.
    [[nodiscard]] BoxT bounds() const noexcept { return m_nodes.empty() ? BoxT{} : m_nodes.back(); }

private:
    PackedRtree(std::span<BoxT const> boxes, std::span<BoxT const> nodes, std::vector<BoxT> own)
        : m_boxes{boxes}, m_own{std::move(own)}, m_nodes{m_own.empty() ? nodes : m_own} {
        std::size_t count = boxes.size();
        for (std::size_t begin = 0; begin < m_nodes.size();) {
            m_level_begin.push_back(begin);
            count = parents(count);
            begin += count;
        }
        m_level_begin.push_back(m_nodes.size());
    }

    [[nodiscard]] static constexpr std::size_t parents(std::size_t children) noexcept {
        return (children + fanout - 1) / fanout;
    }

    template <typename Visit>
    void descend(BoxT const& query, std::size_t level, std::size_t node, Visit& visit) const {
        if (!m_nodes[m_level_begin[level] + node].intersects(query)) return;
        std::size_t const first = node * fanout;
        if (level == 0) {
            std::size_t const last = std::min(first + fanout, m_boxes.size());
            for (std::size_t i = first; i < last; ++i)
                if (m_boxes[i].intersects(query)) visit(i);
            return;
        }
        std::size_t const width = m_level_begin[level] - m_level_begin[level - 1];
        std::size_t const last = std::min(first + fanout, width);
        for (std::size_t child = first; child < last; ++child)
            descend(query, level - 1, child, visit);
    }

    std::span<BoxT const> m_boxes;
    std::vector<BoxT> m_own; // moving it leaves its elements where they are
    std::span<BoxT const> m_nodes;
    std::vector<std::size_t> m_level_begin; // into m_nodes; one past the last level at the end
};

} // namespace diaban::geo::index
