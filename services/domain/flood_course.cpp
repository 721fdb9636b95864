#include "services/domain/flood_course.hpp"

#include "geo/codec/rfc3339.hpp"
#include "services/domain/process_inputs.hpp"

#include <algorithm>

namespace diaban::services::domain {

namespace {

using data::model::Coverage;

constexpr std::size_t most_legs = 20;

bool same_lines(std::vector<DrawnDyke> const& a, std::vector<DrawnDyke> const& b) {
    return std::ranges::equal(a, b, [](DrawnDyke const& x, DrawnDyke const& y) {
        return x.crest == y.crest && x.line.positions == y.line.positions &&
               x.line.path_ends == y.line.path_ends;
    });
}

/// Whether water may go on from one scenario's frame under the other.
bool fits(FloodInputs const& a, FloodInputs const& b) {
    return a.terrain == b.terrain && a.box.min_x == b.box.min_x && a.box.min_y == b.box.min_y &&
           a.box.max_x == b.box.max_x && a.box.max_y == b.box.max_y && a.cell == b.cell &&
           a.frame_minutes == b.frame_minutes && a.friction == b.friction && a.sea == b.sea &&
           same_lines(a.dykes, b.dykes);
}

[[noreturn]] void refuse(FloodBranch const& from, std::string_view accepted) {
    refuse_input("from", from.coverage, std::string{accepted});
}

/// A flood as it was asked for.
struct Known {
    Coverage entry;
    Json details;
    FloodInputs inputs;
};

Known known(FloodBranch const& from, Coverage entry) {
    if (entry.source != "inundation") refuse(from, "a flood that was computed");
    auto details = Json::parse(entry.details, nullptr, false);
    if (!details.is_object() || !details.contains("inputs") || !details.contains("frames"))
        refuse(from, "a flood that was computed");
    auto inputs = read_flood_inputs(details["inputs"]);
    return {std::move(entry), std::move(details), std::move(inputs)};
}

/// What was said of a frame; of one of a flood that still runs, when it is.
Json about_frame(Known const& flood, std::size_t frame, geo::Instant start) {
    if (frame < flood.details["frames"].size()) return flood.details["frames"][frame];
    auto const at = *flood.entry.files[frame].at;
    std::string text;
    geo::codec::append_instant(text, at);
    return {{"seconds", double(at.microseconds - start.microseconds) / 1e6}, {"datetime", text}};
}

/// Refuses what is no frame of `old` from which others may go on.
void check_branch(FloodBranch const& from, Known const& old, FloodInputs const& inputs,
                  std::size_t end) {
    if (from.frame > old.entry.files.size()) refuse(from, "a frame that is there");
    if (double(from.frame) * old.inputs.frame_minutes > old.inputs.hours * 60 + 1e-6)
        refuse(from, "a frame of full length");
    if (from.frame >= end) refuse(from, "a frame before the one at which this flood ends");
    if (!fits(inputs, old.inputs))
        refuse(from, "a flood on the same terrain, bbox, cell, frame_minutes, friction, sea and "
                     "dykes");
}

} // namespace

FloodCourse course_of(FloodInputs const& inputs,
                      std::function<Coverage(std::string const& id)> const& find) {
    FloodCourse course;
    course.legs.push_back({inputs, inputs.frames()});
    course.start = inputs.start;
    for (auto from = inputs.from; from; from = course.legs.front().inputs.from) {
        if (course.legs.size() == most_legs) refuse(*from, "at most 20 floods one after another");
        auto old = known(*from, find(from->coverage));
        check_branch(*from, old, inputs, course.legs.front().frames);
        if (course.legs.size() == 1) { // its own frames, and through it those of all before
            auto const start = geo::codec::read_instant(old.details.value("start", std::string{}));
            if (!start || (inputs.start && inputs.start->microseconds != start->microseconds))
                refuse(*from, "a flood of the same start");
            course.start = start;
            for (std::size_t i = 0; i < from->frame; ++i)
                course.kept.emplace_back(old.entry.files[i], about_frame(old, i, *start));
        }
        course.legs.insert(course.legs.begin(), {std::move(old.inputs), from->frame});
    }
    return course;
}

} // namespace diaban::services::domain
