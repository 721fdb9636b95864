#pragma once

#include "data/model/collection.hpp"
#include "data/model/edit.hpp"
#include "data/postgis/session.hpp"
#include "geo/feature.hpp"
#include "geo/policy.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace diaban::data::postgis {

/// Which state of the row `t` it is: its version, and the microsecond it was recorded.
[[nodiscard]] std::string_view stamp_columns() noexcept;
/// Reads them, where the row begins with them.
[[nodiscard]] model::Stamp stamp_of(pqxx::row const& row);

/// Features of one collection as one policy sees them: what is selected of the row `t`, and how it
/// is read. For sources of this room: libpqxx.
class Selection {
public:
    Selection(model::Collection const& collection, geo::Policy const& policy,
              model::Personal personal);

    /// `t.fid, t.geom, …`: the fields of `model::visible`; the geometry only of a collection whose
    /// schema has one.
    [[nodiscard]] std::string const& columns() const noexcept { return m_columns; }
    /// ` FROM record."id" AS t `.
    [[nodiscard]] std::string from() const;
    /// The condition that the policy sees `t`.
    [[nodiscard]] std::string const& visible() const noexcept { return m_visible; }

    /// Reads a row of which those columns begin at `first`.
    [[nodiscard]] geo::Feature feature(pqxx::row const& row, pqxx::row::size_type first = 0) const;
    [[nodiscard]] std::vector<geo::Feature> features(pqxx::result const& rows) const;

private:
    geo::Schema m_schema;
    std::string m_table;
    std::string m_columns;
    std::string m_visible;
};

} // namespace diaban::data::postgis
