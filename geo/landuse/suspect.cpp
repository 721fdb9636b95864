#include "geo/landuse/suspect.hpp"

#include <algorithm>
#include <tuple>

namespace diaban::geo::landuse {

namespace {

std::optional<SuspectReason> reason_of(ParcelUse const& parcel, std::string_view cover,
                                       CoverRules const& rules) {
    if (rules.allow(parcel.registered, cover)) return std::nullopt;
    bool const planned = !parcel.planned.empty() && parcel.planned != parcel.registered &&
                         rules.allow(parcel.planned, cover);
    return planned ? SuspectReason::change_record_missing : SuspectReason::departs;
}

Certainty certainty_of(SeenCover const& seen, double least_m2) noexcept {
    if (seen.core_m2 * seen.accuracy >= least_m2) return Certainty::high;
    return seen.area_m2 * seen.accuracy >= least_m2 ? Certainty::medium : Certainty::low;
}

} // namespace

bool CoverRules::allow(std::string_view land_use, std::string_view cover) const noexcept {
    bool known = false;
    for (auto const& rule : m_rules) {
        if (rule.land_use != land_use) continue;
        if (rule.cover == cover) return true;
        known = true;
    }
    return !known;
}

std::optional<Suspect> judge(ParcelUse const& parcel, std::span<SeenCover const> seen,
                             CoverRules const& rules, double least_m2) {
    std::optional<Suspect> worst;
    for (auto const& one : seen) {
        if (one.area_m2 < least_m2) continue;
        auto const reason = reason_of(parcel, one.cover, rules);
        if (!reason) continue;
        Suspect const found{*reason, certainty_of(one, least_m2), one.cover, one.area_m2};
        if (!worst || std::tuple{found.reason, -found.area_m2, found.cover} <
                          std::tuple{worst->reason, -worst->area_m2, worst->cover})
            worst = found;
    }
    return worst;
}

} // namespace diaban::geo::landuse
