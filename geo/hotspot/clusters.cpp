#include "geo/hotspot/clusters.hpp"

#include "geo/error.hpp"
#include "geo/hotspot/near.hpp"

#include <cmath>
#include <limits>
#include <numeric>

namespace diaban::geo::hotspot {

namespace {

void check(Closeness const& closeness) {
    if (closeness.metres > 0 && closeness.seconds >= 0 && closeness.least >= 1) return;
    throw Error{Code::bad_input,
                "bad-parameter",
                {{"parameter", "closeness"},
                 {"value", std::to_string(closeness.metres)},
                 {"accepted", "metres > 0, seconds ≥ 0, least ≥ 1"}}};
}

/// Sets of events that grow together; each is known by its first member.
class Sets {
public:
    explicit Sets(std::size_t size) : m_parents(size) {
        std::iota(m_parents.begin(), m_parents.end(), 0U);
    }

    std::uint32_t first(std::uint32_t i) noexcept {
        while (m_parents[i] != i) {
            m_parents[i] = m_parents[m_parents[i]];
            i = m_parents[i];
        }
        return i;
    }
    void join(std::uint32_t a, std::uint32_t b) noexcept {
        a = first(a);
        b = first(b);
        m_parents[std::max(a, b)] = std::min(a, b);
    }

private:
    std::vector<std::uint32_t> m_parents;
};

double squared(Position a, Position b) noexcept {
    return (a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y);
}

} // namespace

Clusters find_clusters(std::span<Position const> positions, std::span<double const> times,
                       Closeness const& closeness) {
    check(closeness);
    auto const count = std::uint32_t(positions.size());
    Near const near{positions, closeness.metres};
    auto const at_once = [&](std::uint32_t i, std::uint32_t j) {
        return std::abs(times[i] - times[j]) <= closeness.seconds;
    };
    Clusters clusters{std::vector<std::int32_t>(count, Clusters::noise), std::vector<bool>(count),
                      0};
    for (std::uint32_t i = 0; i < count; ++i) {
        std::size_t met = 0;
        near.visit(positions[i], [&](std::uint32_t j) {
            met += at_once(i, j) ? 1 : 0;
            return met < closeness.least;
        });
        clusters.core[i] = met >= closeness.least;
    }
    Sets sets{count};
    for (std::uint32_t i = 0; i < count; ++i) {
        if (!clusters.core[i]) continue;
        near.visit(positions[i], [&](std::uint32_t j) {
            if (j < i && clusters.core[j] && at_once(i, j)) sets.join(i, j);
            return true;
        });
    }
    std::vector<std::uint32_t> leaders(count);
    constexpr auto nobody = std::numeric_limits<std::uint32_t>::max();
    for (std::uint32_t i = 0; i < count; ++i) {
        if (clusters.core[i]) {
            leaders[i] = sets.first(i);
            continue;
        }
        std::pair nearest{std::numeric_limits<double>::infinity(), nobody};
        near.visit(positions[i], [&](std::uint32_t j) {
            if (clusters.core[j] && at_once(i, j))
                nearest = std::min(nearest, std::pair{squared(positions[i], positions[j]), j});
            return true;
        });
        leaders[i] = nearest.second == nobody ? nobody : sets.first(nearest.second);
    }
    std::vector<std::int32_t> numbers(count, Clusters::noise);
    for (std::uint32_t i = 0; i < count; ++i) {
        if (leaders[i] == nobody) continue;
        auto& number = numbers[leaders[i]];
        if (number == Clusters::noise) number = clusters.count++;
        clusters.of[i] = number;
    }
    return clusters;
}

} // namespace diaban::geo::hotspot
