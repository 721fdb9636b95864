#include "geo/error.hpp"
#include "services/domain/camera_coverage_process.hpp"
#include "services/domain/clusters_process.hpp"
#include "services/domain/cut_off_process.hpp"
#include "services/domain/export_process.hpp"
#include "services/domain/exposure_process.hpp"
#include "services/domain/field_pack_process.hpp"
#include "services/domain/hand_zones_process.hpp"
#include "services/domain/hot_spots_process.hpp"
#include "services/domain/inundation_process.hpp"
#include "services/domain/land_cover_process.hpp"
#include "services/domain/land_suspects_process.hpp"
#include "services/domain/map_accuracy_process.hpp"
#include "services/domain/storm_process.hpp"
#include "services/domain/terrain_process.hpp"

#include <algorithm>
#include <array>

namespace diaban::services::domain {

std::span<Process const> processes() {
    static std::array const all{
        export_process(),        terrain_process(),          inundation_process(),
        exposure_process(),      hand_zones_process(),       hot_spots_process(),
        clusters_process(),      camera_coverage_process(),  storm_process(),
        cut_off_process(),       land_cover_areas_process(), land_cover_change_process(),
        sample_design_process(), area_estimate_process(),    land_suspects_process(),
        field_pack_process()};
    return all;
}

Process const& process_named(std::string_view id) {
    auto const all = processes();
    auto const found = std::ranges::find(all, id, &Process::id);
    if (found != all.end()) return *found;
    std::string known;
    for (auto const& process : all) known += (known.empty() ? "" : ", ") + std::string{process.id};
    throw geo::Error{geo::Code::not_found,
                     "unknown-process",
                     {{"value", std::string{id.substr(0, 64)}}, {"accepted", known}}};
}

} // namespace diaban::services::domain
