#pragma once

#include "data/model/collection.hpp"
#include "data/model/moment.hpp"
#include "geo/geometry.hpp"
#include "geo/policy.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace diaban::data::postgis {

/// `table` with its history `record."id_history"`: the rows of a collection at a moment, each under
/// the alias `t`.
class PastSql {
public:
    PastSql(model::Collection const& collection, model::Moment const& moment,
            geo::Policy const& policy);

    /// Only rows whose box meets `window` (EPSG:4326).
    PastSql& near(geo::Box const& window);
    /// Only rows whose geometry meets any of the closed boxes (EPSG:4326), by their doubles.
    PastSql& meeting(std::vector<geo::Box> const& boxes);
    /// Only rows beyond a fid.
    PastSql& after(std::int64_t fid);

    /// Selects `columns` of all of them, in no order; to be followed by ORDER BY and LIMIT.
    [[nodiscard]] std::string select(std::string_view columns) const;

private:
    std::string m_table;
    std::string m_history;
    std::string m_conditions; // of both
    std::optional<std::string> m_recorded;
};

} // namespace diaban::data::postgis
