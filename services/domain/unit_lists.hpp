#pragma once

#include "data/model/place.hpp"
#include "data/postgis/places.hpp"
#include "geo/statistics/carry.hpp"
#include "services/domain/place_index.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace diaban::services::domain {

/// The two lists of administrative units that a conversion table stands between.
enum class Vintage : std::uint8_t { former, present };

enum class UnitLevel : std::uint8_t { province, district, commune };
[[nodiscard]] std::optional<UnitLevel> unit_level(std::string_view name) noexcept;
[[nodiscard]] std::string_view to_string(UnitLevel level) noexcept;

/// A unit of one list.
struct ListedUnit {
    PlaceIndex::Entry const* entry = nullptr;
    UnitLevel level = UnitLevel::province;
    std::array<std::optional<std::uint32_t>, 3> up; ///< what holds it, by level; itself among them

    [[nodiscard]] data::model::Place const& place() const noexcept { return entry->place; }
    [[nodiscard]] std::string const& code() const noexcept { return entry->place.code; }
};

/// Old and new units with what became what, at every level: the official conversion table is of
/// communes, and what holds them follows it.
///
/// A new unit that the table calls by a code which the list lacks is the one unit of that province
/// that nothing else became (06970, which the list has as 06978).
/// Threads  immutable once built. Keeps the places alive.
class UnitLists {
public:
    UnitLists(std::shared_ptr<PlaceIndex const> places,
              std::vector<data::model::Succession> const& crosswalk);

    /// First day of the present list; absent where there is no conversion table: all is present.
    [[nodiscard]] std::optional<geo::Date> effective() const noexcept { return m_effective; }
    [[nodiscard]] Vintage vintage_of(geo::Date day) const noexcept {
        return m_effective && day < *m_effective ? Vintage::former : Vintage::present;
    }
    [[nodiscard]] std::span<ListedUnit const> units(Vintage vintage) const noexcept {
        return m_lists[std::size_t(vintage)].units;
    }
    [[nodiscard]] std::optional<std::uint32_t> find(Vintage vintage, std::string_view code) const;

    /// Which units of `to_level` in the other (or the same) list those of `from_level` are in.
    /// Ascending by `from`, then `to`.
    [[nodiscard]] std::vector<geo::statistics::UnitLink> const&
    links(Vintage from, UnitLevel from_level, Vintage to, UnitLevel to_level) const noexcept {
        return m_links[place_of(from, from_level, to, to_level)];
    }

    /// What a unit became, or was made of, at its own level or the nearest that the other list has.
    struct Relative {
        std::uint32_t unit = 0; ///< of the other list
        bool whole = false;     ///< all of the old unit went there
    };
    [[nodiscard]] std::vector<Relative> relatives(Vintage vintage, std::uint32_t unit) const;

private:
    struct List {
        std::vector<ListedUnit> units;
        std::unordered_map<std::string_view, std::uint32_t> by_code;
    };
    struct Pair {
        std::uint32_t old_unit = 0; ///< a commune, or a district that had none
        std::uint32_t new_unit = 0;
    };

    static constexpr std::array levels{UnitLevel::province, UnitLevel::district,
                                       UnitLevel::commune};
    static constexpr std::size_t place_of(Vintage from, UnitLevel from_level, Vintage to,
                                          UnitLevel to_level) noexcept {
        return ((std::size_t(from) * 3 + std::size_t(from_level)) * 2 + std::size_t(to)) * 3 +
               std::size_t(to_level);
    }
    [[nodiscard]] std::vector<geo::statistics::UnitLink>
    paired(Vintage from, UnitLevel from_level, Vintage to, UnitLevel to_level) const;
    [[nodiscard]] std::vector<geo::statistics::UnitLink>
    linked(Vintage from, UnitLevel from_level, Vintage to, UnitLevel to_level) const;
    void link_all();
    void list(Vintage vintage, geo::Date day);
    void pair(std::vector<data::model::Succession> const& crosswalk);
    void add_unlinked();

    std::shared_ptr<PlaceIndex const> m_places;
    std::optional<geo::Date> m_effective;
    std::array<List, 2> m_lists;
    std::array<std::vector<geo::statistics::UnitLink>, 36> m_links;
    std::vector<Pair> m_pairs;
    std::vector<std::uint32_t> m_unlinked; ///< old communes that the table does not name
};

/// Makes the lists anew when the places or the day they are asked on changed.
///
/// Threads  any number may ask.
/// Throws   Error{unavailable, …} if the record cannot be read for it.
class UnitListCache {
public:
    explicit UnitListCache(data::postgis::Pool& pool) : m_places{pool} {}
    [[nodiscard]] std::shared_ptr<UnitLists const>
    of(std::shared_ptr<PlaceIndex const> const& places);

private:
    data::postgis::Places m_places;
    std::mutex m_mutex;
    std::shared_ptr<PlaceIndex const> m_made_of;
    std::shared_ptr<UnitLists const> m_lists;
};

} // namespace diaban::services::domain
