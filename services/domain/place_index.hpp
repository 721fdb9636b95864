#pragma once

#include "data/model/place.hpp"
#include "geo/feature.hpp"
#include "geo/policy.hpp"
#include "geo/schema.hpp"
#include "tiles/mirror/layer.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace diaban::services::domain {

/// What is looked for among places. Fields as sent by a client.
struct PlaceSearch {
    std::string_view text;
    std::string_view level;      ///< province, district, commune; empty: any
    std::optional<geo::Date> on; ///< only units that existed that day
    std::size_t limit = 10;
};

/// Every administrative unit, old and new, in memory and ready to be searched: by a name typed with
/// or without diacritics, by code, by name and province together.
///
/// Order    best match first: code, whole name, beginning of the name, beginning of a word, words
///          of the name and its province. Of equal matches: one whose diacritics are as typed,
///          existing before former units, province before district before commune, larger first.
/// Threads  immutable once built.
/// Cost     one pass over all units: 15,000 in about a millisecond.
class PlaceIndex {
public:
    struct Entry {
        data::model::Place place;
        std::string scope;
        std::uint8_t sensitivity = 0;
        std::string name;     // folded, as all texts below
        std::string full;     // full name
        std::string foreign;  // English full name
        std::string province; // name of its province
        std::string typed;    // full name in lower case, diacritics kept
    };

    /// Collects the rows; `fields` are what their values follow.
    class Builder {
    public:
        explicit Builder(std::vector<geo::Field> const& fields);
        void append(geo::RowView const& row);

    private:
        friend class PlaceIndex;
        [[nodiscard]] std::string_view text(geo::RowView const& row, std::size_t column) const;
        std::vector<std::optional<std::size_t>> m_columns;
        std::vector<Entry> m_entries;
    };

    /// `layer` gives each unit with a geometry its centre: where its label stands.
    static PlaceIndex build(Builder rows, tiles::mirror::Layer const& layer);

    [[nodiscard]] std::vector<data::model::Place const*> search(PlaceSearch const& search,
                                                                geo::Policy const& policy) const;
    /// The unit of a row; null if there is none.
    [[nodiscard]] data::model::Place const* find(std::int64_t fid) const;
    [[nodiscard]] std::size_t size() const noexcept { return m_entries.size(); }
    [[nodiscard]] std::span<Entry const> entries() const noexcept { return m_entries; }

private:
    void name_provinces();

    std::vector<Entry> m_entries;
    std::unordered_map<std::int64_t, std::size_t> m_by_fid;
};

/// Whether a unit existed on that day.
[[nodiscard]] bool existed(data::model::Place const& place, geo::Date day) noexcept;

} // namespace diaban::services::domain
