#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace diaban::geo::statistics {

/// (Some of) a unit of one list is (some of) a unit of another. Units are numbers from 0.
struct UnitLink {
    std::uint32_t from = 0;
    std::uint32_t to = 0;
    std::optional<double> share{}; ///< published part of `from`, 0..1; absent: not known
};

/// What a unit of the other list has of a quantity that is summed.
struct Carried {
    double exact = 0;     ///< of units that went into it whole
    double estimated = 0; ///< of parts of units, by the weights; `low`..`high` holds the truth
    double low = 0;
    double high = 0;
    std::uint32_t whole = 0; ///< units that went into it whole
    std::uint32_t parts = 0; ///< and of which a part did

    [[nodiscard]] double value() const noexcept { return exact + estimated; }
    [[nodiscard]] bool known() const noexcept { return whole + parts > 0; }
};

struct CarriedAll {
    std::vector<Carried> units;         ///< by `to`
    std::vector<std::uint32_t> waiting; ///< of `from`, with a value and without a link
    double exact = 0;
    double estimated = 0;
    double waiting_sum = 0; ///< the three sum to the values given
};

/// A quantity that is summed, carried from the units of one list to those of another.
///
/// Method    a unit with one link went whole. Of one with several, each receives its published
///           share, or a part by the weights of those that receive it; where none of them has a
///           weight, equal parts. Without published shares its part is only known to lie between
///           nothing and the whole: `low` and `high` say so.
/// Total     exact + estimated + waiting = the sum of the values; of whole numbers exactly, for
///           parts of a whole number are whole, by largest remainders.
/// Weights   by `to`; NaN or not above zero: none.
/// Values    by `from`; NaN: no value.
[[nodiscard]] CarriedAll carry_sum(std::span<double const> values, std::span<UnitLink const> links,
                                   std::size_t targets, std::span<double const> weights);

/// What a unit of the other list has of a quantity that is averaged.
struct Averaged {
    std::optional<double> value; ///< absent where parts and weights do not tell
    double low = 0;              ///< least and most of its parts
    double high = 0;
    std::uint32_t parts = 0;
    bool exact = false; ///< made of one unit alone, and of all of it
};

/// A quantity that is averaged (a rate, a score): the mean of what a unit was made of, by the
/// weights of those (by `from`; NaN or not above zero: none). A unit that is split weighs in full
/// wherever a part of it went, so such a mean is not exact.
[[nodiscard]] std::vector<Averaged> carry_mean(std::span<double const> values,
                                               std::span<UnitLink const> links, std::size_t targets,
                                               std::span<double const> weights);

} // namespace diaban::geo::statistics
