#pragma once

#include "data/model/collection.hpp"
#include "data/postgis/change_feed.hpp"
#include "geo/feature.hpp"
#include "geo/policy.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::data::postgis {

class Wire;

/// Which fields leave by COPY: those a mirror holds, all but the personal ones, or all.
enum class Fields : std::uint8_t { tile, impersonal, all };

/// Takes a row; what the view borrows is valid during the call only.
using RowSink = std::function<void(geo::RowView const&)>;

/// Rows that leave by binary COPY: which columns are selected, and how they are read.
class CopyRows {
public:
    CopyRows(geo::Schema const& schema, Fields fields, geo::Policy const& policy);

    /// The fields that `RowView::values` follow.
    [[nodiscard]] std::vector<geo::Field> const& fields() const noexcept { return m_fields; }
    /// What a row of the table `alias` is selected by: fid, scope, sensitivity, geometry, fields.
    [[nodiscard]] std::string columns(std::string_view alias) const;
    /// Runs `select`, whose columns are those, and hands every row to `sink`.
    void read(Wire& wire, std::string const& select, RowSink const& sink) const;

private:
    std::vector<geo::Field> m_fields;
};

/// Begins a read-only transaction that sees one moment throughout.
void begin_snapshot(Wire& wire);

/// Where the feed ends: a snapshot taken from now on holds every change up to there. To be asked
/// outside a transaction; Error{unavailable, "database-busy"} if a commit under way takes over 200
/// ms.
[[nodiscard]] Cursor feed_head(Wire& wire);

/// Hands the policy to the transaction under way, for `policy_condition`.
void set_policy(Wire& wire, geo::Policy const& policy);

/// A row of its own: its geometry, empty where it has none, read from WKB, and its values. The room
/// that `feature` has is used again.
void read_feature(geo::RowView const& row, geo::Feature& feature);

} // namespace diaban::data::postgis
