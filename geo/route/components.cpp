#include "geo/route/components.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

namespace diaban::geo::route {

namespace {

/// Sets that are united; those that were touched can be parted again.
class Union {
public:
    explicit Union(std::size_t count) : m_above(count) {
        std::iota(m_above.begin(), m_above.end(), 0U);
    }
    [[nodiscard]] std::uint32_t root(std::uint32_t one) noexcept {
        while (m_above[one] != one) {
            m_above[one] = m_above[m_above[one]];
            one = m_above[one];
        }
        return one;
    }
    /// The lower number is the root.
    void join(std::uint32_t a, std::uint32_t b) noexcept {
        a = root(a);
        b = root(b);
        m_above[std::max(a, b)] = std::min(a, b);
    }
    void part(std::uint32_t one) noexcept { m_above[one] = one; }

private:
    std::vector<std::uint32_t> m_above;
};

} // namespace

Components components(RoadGraph const& graph, OpenEdges open) {
    Union sets{graph.vertices()};
    for (std::size_t e = 0; e < graph.edges(); ++e)
        if (open.empty() || open[e] != 0) sets.join(graph.from[e], graph.to[e]);
    Components found{.of = std::vector<std::uint32_t>(graph.vertices())};
    for (std::uint32_t v = 0; v < found.of.size(); ++v) {
        auto const root = sets.root(v); // no higher than v: it has its number
        found.of[v] = root == v ? std::uint32_t(found.count++) : found.of[root];
    }
    return found;
}

std::uint32_t most_peopled(std::span<std::int64_t const> people) noexcept {
    if (people.empty()) return none;
    return std::uint32_t(std::ranges::max_element(people) - people.begin());
}

std::vector<Reconnection> reconnections(RoadGraph const& graph, Components const& apart,
                                        OpenEdges open, std::span<std::uint32_t const> roads,
                                        std::span<std::int64_t const> people, std::uint32_t main) {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> closed; // road, edge
    for (std::uint32_t e = 0; e < open.size(); ++e)
        if (open[e] == 0) closed.emplace_back(roads[graph.line[e]], e);
    std::ranges::sort(closed);
    std::vector<Reconnection> found;
    Union sets{apart.count};
    std::vector<std::uint32_t> met;
    for (std::size_t i = 0; i < closed.size();) {
        Reconnection one{.road = closed[i].first};
        met.assign(1, main);
        for (; i < closed.size() && closed[i].first == one.road; ++i) {
            auto const edge = closed[i].second;
            auto const a = apart.of[graph.from[edge]];
            auto const b = apart.of[graph.to[edge]];
            one.metres += graph.metres[edge];
            sets.join(a, b);
            met.push_back(a);
            met.push_back(b);
        }
        std::ranges::sort(met);
        auto const again = std::ranges::unique(met);
        met.erase(again.begin(), again.end());
        auto const root = sets.root(main);
        for (auto const component : met)
            if (component != main && sets.root(component) == root) one.people += people[component];
        for (auto const component : met) sets.part(component);
        if (one.people > 0) found.push_back(one);
    }
    std::ranges::sort(found, [](Reconnection const& a, Reconnection const& b) {
        return std::tuple{-a.people, a.metres, a.road} < std::tuple{-b.people, b.metres, b.road};
    });
    return found;
}

} // namespace diaban::geo::route
