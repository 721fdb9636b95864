#pragma once

#include "geo/policy.hpp"
#include "tiles/mirror/layer.hpp"

#include <cstddef>
#include <vector>

namespace diaban::tiles::mirror {

/// Which rows of one run of a layer there are for a policy, asked row by row.
///
/// Cost    the policy is asked once a class of the run, when this is made.
/// Borrows `live`, which outlives it.
class Visibility {
public:
    Visibility(LiveRun const& live, geo::Policy const& policy) : m_live{live} {
        m_seen.reserve(live.run->class_table.size());
        for (auto const& of : live.run->class_table)
            m_seen.push_back(policy.sees(of.scope, of.sensitivity));
    }

    [[nodiscard]] bool operator()(std::size_t row) const noexcept {
        return m_seen[m_live.run->classes[row]] && m_live.is_alive(row);
    }

private:
    LiveRun const& m_live;
    std::vector<bool> m_seen;
};

} // namespace diaban::tiles::mirror
