#pragma once

#include "geo/policy.hpp"
#include "services/domain/chosen.hpp"
#include "services/domain/picture.hpp"
#include "tiles/mirror/layer.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace diaban::services::domain {

/// Counts rows of a whole collection without looking at each: how often a run has each value of a
/// column, by class, is counted once a run and forgotten with it.
///
/// Cost     to make: a pass over the run. To ask: the values of the column, and the rows that were
///          changed since the run was made.
/// Memory   16 bytes a value and class, for at most 64 columns; columns with more than 65,536 of
///          those are not counted so.
/// Threads  any.
class ValueCounts {
public:
    /// How many rows a choice means; nothing where the rows must be looked at: in boxes, in a
    /// period where rows have times, or under a filter that asks for more than one field.
    [[nodiscard]] std::optional<std::uint64_t> count(View const& view, Choice const& choice,
                                                     geo::Policy const& policy);

private:
    /// Rows of one class that have one value.
    struct Group {
        std::uint32_t of_class = 0;
        std::uint32_t code = 0;
        std::uint32_t rows = 0;
        std::uint32_t row = 0; ///< one of them
    };
    using Groups = std::vector<Group>;
    struct Entry {
        std::weak_ptr<tiles::mirror::Run const> run;
        std::size_t column = 0;
        std::shared_ptr<Groups const> groups; ///< null: too many
    };

    [[nodiscard]] static std::shared_ptr<Groups const> made(tiles::mirror::Run const& run,
                                                            std::size_t column);
    [[nodiscard]] std::shared_ptr<Groups const>
    of(std::shared_ptr<tiles::mirror::Run const> const& run, std::size_t column);
    [[nodiscard]] static std::uint64_t matching(tiles::mirror::LiveRun const& live,
                                                Groups const& groups, std::size_t column,
                                                geo::filter::Filter const& filter,
                                                geo::Policy const& policy);

    std::mutex m_mutex;
    std::vector<Entry> m_entries; // oldest first
};

} // namespace diaban::services::domain
