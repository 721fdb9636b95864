#include "services/domain/cut_off_course.hpp"

#include "geo/codec/rfc3339.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace diaban::services::domain {

namespace {

Json instant_json(geo::Instant at) {
    std::string text;
    geo::codec::append_instant(text, at);
    return text;
}

} // namespace

CutOffCourse cut_off_course(Work& work, CutOffInputs const& inputs, CutOff const& found,
                            StandingWater const& water) {
    auto const times = water_times(work, inputs.water);
    geo::route::FloodedRoads const laid{found.graph, found.net.lines, water.frame,
                                        found.net.footings};
    CutOffCourse course;
    std::vector<std::optional<std::size_t>> spell(found.places.size()); // that is not over
    std::vector<float> over(found.graph.edges());
    auto frame = inputs.water;
    for (auto const at : times) {
        frame.at = at;
        auto const now = read_standing_water(work, frame, false);
        laid.depth_over(now.depth, water.ground, over);
        std::vector<std::uint8_t> open(over.size());
        CutOffMoment moment{.at = at};
        moment.closed =
            geo::route::open_edges(found.graph, found.net.footings, over, inputs.limits, open);
        auto const parted = found.part(std::move(open));
        for (std::size_t i = 0; i < found.places.size(); ++i) {
            bool const cut = found.access_of(parted, i) == Access::cut_off;
            if (cut) {
                moment.people += found.places[i].people;
                ++moment.places;
            }
            if (cut && !spell[i]) {
                spell[i] = course.spells.size();
                course.spells.push_back({i, at, std::nullopt});
            } else if (!cut && spell[i]) {
                course.spells[*spell[i]].until = at;
                spell[i].reset();
            }
        }
        course.moments.push_back(moment);
        work.progress.at(course.moments.size(), times.size());
    }
    return course;
}

Json course_json(CutOff const& found, CutOffCourse const& course) {
    Json frames = Json::array();
    for (auto const& moment : course.moments)
        frames.push_back({{"datetime", instant_json(moment.at)},
                          {"people_cut_off", moment.people},
                          {"places_cut_off", moment.places},
                          {"closed_stretches", moment.closed}});
    Json spells = Json::array();
    for (auto const& spell : course.spells) {
        auto const& place = found.places[spell.place];
        spells.push_back({{"unit", place.code.empty() ? Json() : Json(place.code)},
                          {"id", place.fid},
                          {"name", place.name.empty() ? Json() : Json(place.name)},
                          {"people", place.people},
                          {"from", instant_json(spell.from)},
                          {"until", spell.until ? instant_json(*spell.until) : Json()}});
    }
    return {{"frames", std::move(frames)}, {"spells", std::move(spells)}};
}

} // namespace diaban::services::domain
