#pragma once

#include "geo/feature.hpp"
#include "geo/policy.hpp"
#include "services/domain/chosen.hpp"
#include "services/domain/tally.hpp"
#include "tiles/mirror/partition.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::services::domain {

/// What became of some reports. Every one of them is open or closed.
struct ReportNumbers {
    std::uint64_t open = 0;
    std::uint64_t overdue = 0; ///< open, and due before now
    std::uint64_t closed = 0;
    std::uint64_t closed_late = 0;  ///< after they were due
    std::vector<std::int64_t> took; ///< microseconds from report to closing, where both are known

    [[nodiscard]] std::uint64_t count() const noexcept { return open + closed; }
    /// The middle of `took`, of two middles their mean, in days; nothing where none is known.
    [[nodiscard]] std::optional<double> median_days() const;
};

/// The same by what they are about, by their state, by where they lie. Each division counts every
/// report once; without a value it stands under "".
struct ReportTable {
    ReportNumbers all;
    std::map<std::string, ReportNumbers> services;
    std::map<std::string, ReportNumbers> states;
    std::map<std::uint32_t, ReportNumbers> areas; ///< by part
    ReportNumbers elsewhere;                      ///< in no part
    ReportNumbers unlocated;
};

/// Whether a finer state is one of those that end a report.
[[nodiscard]] bool is_closed(std::string_view status) noexcept;

/// `chosen`  rows of reports that `policy` sees; fields that it masks are as if they were empty.
/// Cost      a pass over the rows.
[[nodiscard]] ReportTable report_numbers(std::span<ChosenRows const> chosen,
                                         geo::Policy const& policy,
                                         tiles::mirror::Partition const& areas, geo::Instant now);

/// How many of each, to be masked (domain/masking.hpp). Parts are numbered as the map has them.
[[nodiscard]] Tallies counts_of(ReportTable const& table,
                                std::map<std::string, ReportNumbers> const& division);
[[nodiscard]] Tallies counts_of_areas(ReportTable const& table);

} // namespace diaban::services::domain
