#pragma once

#include "geo/policy.hpp"
#include "tiles/mirror/base.hpp"

#include <cstddef>
#include <vector>

namespace diaban::tiles::mirror {

/// Which rows of a layer a policy sees, asked row by row.
///
/// Cost    the policy is asked once a scope of the layer, when this is made.
/// Borrows `base`, which outlives it.
class Visibility {
public:
    Visibility(Base const& base, geo::Policy const& policy)
        : m_base{base}, m_level{policy.level()} {
        for (auto const& name : base.scope_names) m_scopes.push_back(policy.sees_scope(name));
    }

    [[nodiscard]] bool operator()(std::size_t row) const noexcept {
        return m_scopes[m_base.scopes[row]] && m_base.sensitivities[row] <= m_level;
    }

private:
    Base const& m_base;
    std::uint8_t m_level;
    std::vector<bool> m_scopes;
};

} // namespace diaban::tiles::mirror
