#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace diaban::geo::landuse {

/// What of a kind of cover was seen on a parcel.
struct SeenCover {
    std::string_view cover;
    double area_m2 = 0;
    double core_m2 = 0;  ///< in cells of which at least half lies in the parcel
    double accuracy = 1; ///< share of what is mapped as it that is it (user's accuracy)
};

/// What a parcel is by the register, and what it shall be; codes of land uses.
struct ParcelUse {
    std::string_view registered;
    std::string_view planned; ///< empty: no plan says
};

/// Says whether a kind of cover goes with a land use. What it does not know it allows.
class CoverRules {
public:
    struct Rule {
        std::string_view land_use;
        std::string_view cover;
    };
    /// `rules` outlive it: every cover that a land use may have. A use without rules allows all.
    explicit CoverRules(std::span<Rule const> rules) : m_rules{rules} {}
    [[nodiscard]] bool allow(std::string_view land_use, std::string_view cover) const noexcept;

private:
    std::span<Rule const> m_rules;
};

enum class SuspectReason : std::uint8_t {
    departs,               ///< neither the register nor the plan allows what is seen
    change_record_missing, ///< the plan allows it; the register has not followed
};

/// How sure it is that the area seen is beyond the minimum mapping area.
enum class Certainty : std::uint8_t {
    low,    ///< only as it is mapped
    medium, ///< also times the class's accuracy
    high,   ///< also without the cells that lie mostly in neighbours
};

struct Suspect {
    SuspectReason reason = SuspectReason::departs;
    Certainty certainty = Certainty::low;
    std::string_view cover; ///< the largest that is not allowed
    double area_m2 = 0;     ///< of it
};

/// Whether a parcel is to be looked at.
///
/// Measure   kinds of cover below `least_m2`, the minimum mapping area, are no evidence.
/// Pending   where register and plan differ and the register allows all that is seen, the plan is
///           not carried out yet: no suspect.
/// Order     a departure from both goes before a missing record; among equals the largest area.
[[nodiscard]] std::optional<Suspect> judge(ParcelUse const& parcel, std::span<SeenCover const> seen,
                                           CoverRules const& rules, double least_m2);

} // namespace diaban::geo::landuse
