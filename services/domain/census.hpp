#pragma once

#include "geo/feature.hpp"
#include "geo/policy.hpp"
#include "geo/schema.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::services::domain {

/// A stretch of time, both ends included, in microseconds from 1970-01-01T00:00:00Z. Open ends are
/// the numeric limits.
struct Period {
    static constexpr std::int64_t open_begin = std::numeric_limits<std::int64_t>::min();
    static constexpr std::int64_t open_end = std::numeric_limits<std::int64_t>::max();

    std::int64_t begin = open_begin;
    std::int64_t end = open_end;

    [[nodiscard]] bool meets(Period const& other) const noexcept {
        return begin <= other.end && other.begin <= end;
    }
};

/// First instant of a local day (UTC+7, which Viet Nam keeps all year).
[[nodiscard]] geo::Instant local_midnight(geo::Date day) noexcept;

/// Which fields say when a row is: the time field, or else legal validity.
class TimeFields {
public:
    /// `fields` are those of the rows that will be asked about.
    TimeFields(geo::Schema const& schema, std::vector<geo::Field> const& fields);

    /// Whether rows of this schema have a time at all.
    [[nodiscard]] bool any() const noexcept { return m_instant || m_from || m_to; }
    /// Nothing for a row whose time field is empty.
    [[nodiscard]] std::optional<Period> of(std::span<geo::ValueView const> values) const;

private:
    std::optional<std::size_t> m_instant;
    std::optional<std::size_t> m_from;
    std::optional<std::size_t> m_to;
};

/// All rows of a collection by who may see them and when they are, those without geometry too:
/// what a mirror's layer does not know.
class Census {
public:
    /// `timed`: rows have times.
    explicit Census(bool timed = false) : m_timed{timed} {}

    /// `period` is absent for a row that has no time.
    void add(geo::RowView const& row, std::optional<Period> const& period);
    /// Takes another part in. Call `finish` after the last.
    void join(Census&& part);
    void finish();

    [[nodiscard]] bool timed() const noexcept { return m_timed; }
    /// Rows that the policy sees.
    [[nodiscard]] std::uint64_t count(geo::Policy const& policy) const;
    /// Rows that the policy sees and whose time meets `period`, by ascending fid.
    [[nodiscard]] std::vector<std::int64_t> during(Period const& period,
                                                   geo::Policy const& policy) const;

private:
    struct Class {
        std::string scope;
        std::uint8_t sensitivity = 0;
        friend auto operator<=>(Class const&, Class const&) = default;
    };
    struct Timed {
        std::int64_t fid = 0;
        Period period;
        std::uint32_t number = 0; // of its class
    };
    struct Entry {
        std::uint64_t rows = 0;
        std::uint32_t number = 0;
    };

    Entry& entry_of(std::string_view scope, std::uint8_t sensitivity);

    bool m_timed;
    std::map<Class, Entry> m_classes;
    std::vector<Timed> m_rows;
    // The class met last: rows of one scope tend to lie together.
    Class m_last;
    Entry* m_last_entry = nullptr;
};

} // namespace diaban::services::domain
