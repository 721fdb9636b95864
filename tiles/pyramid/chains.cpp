#include "tiles/pyramid/chains.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace diaban::tiles::pyramid {
namespace {

std::int64_t length_of(std::span<GridPoint const> line) noexcept {
    std::int64_t length = 0;
    for (std::size_t i = 1; i < line.size(); ++i)
        length += std::llround(
            std::hypot(double(line[i].x) - line[i - 1].x, double(line[i].y) - line[i - 1].y));
    return length;
}

std::size_t mixed(std::uint64_t a, std::uint64_t b) noexcept {
    constexpr std::uint64_t golden = 0x9E3779B97F4A7C15; // Knuth's multiplicative hash
    auto const x = (a * golden ^ b) * golden;
    return std::size_t(x ^ x >> 32U);
}

/// A path of a row.
struct PathName {
    std::int64_t fid = 0;
    std::uint32_t path = 0;

    friend bool operator==(PathName const&, PathName const&) = default;
};
/// A place where paths of a key may end.
struct Node {
    std::uint32_t key = 0;
    GridPoint at;

    friend bool operator==(Node const&, Node const&) = default;
};
struct Hash {
    std::size_t operator()(PathName const& name) const noexcept {
        return mixed(std::uint64_t(name.fid), name.path);
    }
    std::size_t operator()(GridPoint p) const noexcept {
        return mixed(std::uint32_t(p.x), std::uint32_t(p.y));
    }
    std::size_t operator()(Node const& node) const noexcept {
        return mixed((*this)(node.at), node.key);
    }
};

/// One end of a path.
struct End {
    PathName name;
    bool is_front = false;

    friend bool operator==(End const&, End const&) = default;
};

/// A row as it was read.
struct Known {
    Tally tally;
    std::vector<GridPoint> points;
    std::vector<std::uint32_t> path_ends;
    std::uint32_t longest = 0; ///< path

    [[nodiscard]] std::span<GridPoint const> path(std::uint32_t p) const noexcept {
        std::size_t const first = p == 0 ? 0 : path_ends[p - 1];
        return std::span{points}.subspan(first, path_ends[p] - first);
    }
    friend bool operator==(Known const&, Known const&) = default;
};

/// The lines of a source near some boxes, and along the chains that are asked for.
class Network {
public:
    Network(RowSource const* rows, std::span<GridBox const> boxes)
        : m_source{rows}, m_boxes{boxes} {
        if (m_source == nullptr) return;
        for (auto const& box : boxes) m_source->visit(box, [&](Row const& row) { learn(row); });
    }

    [[nodiscard]] std::unordered_map<std::int64_t, Known> const& rows() const noexcept {
        return m_rows;
    }

    /// The chain of a path, unless it was given already.
    void add_chain(PathName name, std::vector<Chain>& chains) {
        if (m_source != nullptr && !m_given.contains(name)) chains.push_back(chain_of(name));
    }
    /// Those of the paths that end at a node.
    void add_chains(Node const& node, std::vector<Chain>& chains) {
        if (m_source == nullptr) return;
        auto const ends = ends_at(node); // a copy: finding a chain may learn of more
        for (auto const& end : ends) add_chain(end.name, chains);
    }

private:
    struct Step {
        PathName name;
        bool forwards = true;
    };

    void learn(Row const& row) {
        auto const [entry, is_new] = m_rows.try_emplace(row.fid);
        if (!is_new) return;
        auto& known = entry->second;
        known.tally = tally_of(row, geo::GeometryKind::line);
        auto const first = row.path_begin.front();
        auto const points = row.points.subspan(first, row.path_begin.back() - first);
        known.points.assign(points.begin(), points.end());
        std::int64_t most = -1;
        for (std::uint32_t p = 0; p + 1 < row.path_begin.size(); ++p) {
            known.path_ends.push_back(row.path_begin[p + 1] - first);
            auto const path = known.path(p);
            if (auto const length = length_of(path); length > most) {
                most = length;
                known.longest = p;
            }
            PathName const name{row.fid, p};
            m_ends[{row.key, path.front()}].push_back({name, true});
            m_ends[{row.key, path.back()}].push_back({name, false});
        }
    }

    /// Every row that ends at a point has a box that meets it.
    std::vector<End> const& ends_at(Node const& node) {
        auto const covered = [&](GridBox const& box) { return box.contains(node.at); };
        if (std::none_of(m_boxes.begin(), m_boxes.end(), covered) && m_asked.insert(node.at).second)
            m_source->visit({node.at.x, node.at.y, node.at.x, node.at.y},
                            [&](Row const& row) { learn(row); });
        return m_ends[node];
    }

    /// Goes on from the end of a path; true if it comes back to the other end of `start`.
    bool walk(std::uint32_t key, Step start, std::vector<Step>& steps) {
        for (auto last = start;;) {
            auto const path = m_rows.at(last.name.fid).path(last.name.path);
            auto const at = last.forwards ? path.back() : path.front();
            auto const& ends = ends_at({key, at});
            if (ends.size() != 2) return false;
            End const mine{last.name, !last.forwards};
            auto const& next = ends[0] == mine ? ends[1] : ends[0];
            if (next.name == start.name) return true;
            last = {next.name, next.is_front};
            steps.push_back(last);
        }
    }

    Chain chain_of(PathName name) {
        Chain chain;
        chain.key = m_rows.at(name.fid).tally.key;
        std::vector<Step> steps{{name, true}};
        bool const ring = walk(chain.key, {name, true}, steps);
        if (!ring) {
            std::vector<Step> before;
            walk(chain.key, {name, false}, before);
            for (auto& step : before) step.forwards = !step.forwards;
            steps.insert(steps.begin(), before.rbegin(), before.rend());
        }
        std::vector<std::size_t> nodes; // places at which paths begin
        for (auto const& step : steps) {
            m_given.insert(step.name);
            auto const& row = m_rows.at(step.name.fid);
            auto const path = row.path(step.name.path);
            if (!chain.points.empty()) chain.points.pop_back();
            nodes.push_back(chain.points.size());
            if (step.forwards)
                chain.points.insert(chain.points.end(), path.begin(), path.end());
            else
                chain.points.insert(chain.points.end(), path.rbegin(), path.rend());
            if (row.longest == step.name.path)
                chain.centres.push_back({std::int32_t(row.tally.x), std::int32_t(row.tally.y)});
        }
        std::sort(chain.centres.begin(), chain.centres.end());
        if (ring) begin_at_least(chain.points, nodes);
        std::vector<GridPoint> turned(chain.points.rbegin(), chain.points.rend());
        if (turned < chain.points) chain.points = std::move(turned);
        return chain;
    }

    /// Turns a ring, whose first point is repeated at its end, to begin at the least of its nodes.
    static void begin_at_least(std::vector<GridPoint>& ring, std::span<std::size_t const> nodes) {
        auto const least = *std::min_element(nodes.begin(), nodes.end(),
                                             [&](auto a, auto b) { return ring[a] < ring[b]; });
        ring.pop_back();
        std::rotate(ring.begin(), ring.begin() + std::ptrdiff_t(least), ring.end());
        ring.push_back(ring.front());
    }

    RowSource const* m_source;
    std::span<GridBox const> m_boxes;
    std::unordered_map<std::int64_t, Known> m_rows;
    std::unordered_map<Node, std::vector<End>, Hash> m_ends;
    std::unordered_set<GridPoint, Hash> m_asked; // all rows at these are known
    std::unordered_set<PathName, Hash> m_given;
};

/// Rows of one network that the other has not, or has otherwise.
std::vector<std::int64_t> only_in(Network const& mine, Network const& other) {
    std::vector<std::int64_t> fids;
    for (auto const& [fid, known] : mine.rows()) {
        auto const found = other.rows().find(fid);
        if (found == other.rows().end() || !(found->second == known)) fids.push_back(fid);
    }
    std::sort(fids.begin(), fids.end());
    return fids;
}

} // namespace

std::int64_t Chain::length() const noexcept {
    return length_of(points);
}

LineChange find_line_change(RowSource const* before, RowSource const& after,
                            std::span<GridBox const> dirty) {
    LineChange change;
    Network old{before, dirty};
    Network now{&after, dirty};
    auto const gone = only_in(old, now);
    auto const come = only_in(now, old);
    std::unordered_set<Node, Hash> touched;
    auto const take = [&](Network const& network, std::span<std::int64_t const> fids,
                          std::vector<Tally>& tallies, std::vector<PathName>& paths) {
        for (auto const fid : fids) {
            auto const& known = network.rows().at(fid);
            tallies.push_back(known.tally);
            for (std::uint32_t p = 0; p < known.path_ends.size(); ++p) {
                paths.push_back({fid, p});
                touched.insert({known.tally.key, known.path(p).front()});
                touched.insert({known.tally.key, known.path(p).back()});
            }
        }
    };
    std::vector<PathName> old_paths;
    std::vector<PathName> new_paths;
    take(old, gone, change.rows_gone, old_paths);
    take(now, come, change.rows_come, new_paths);
    for (auto const& path : old_paths) old.add_chain(path, change.gone);
    for (auto const& path : new_paths) now.add_chain(path, change.come);
    for (auto const& node : touched) {
        old.add_chains(node, change.gone);
        now.add_chains(node, change.come);
    }
    return change;
}

} // namespace diaban::tiles::pyramid
