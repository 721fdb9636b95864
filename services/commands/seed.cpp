#include "services/commands/seed.hpp"

#include "data/postgis/access_store.hpp"
#include "data/postgis/collections.hpp"
#include "data/postgis/pool.hpp"
#include "geo/error.hpp"
#include "services/access/directory.hpp"
#include "services/api/parameters.hpp"
#include "services/api/styles.hpp"
#include "services/api/tile_layers.hpp"
#include "services/archive/seed.hpp"
#include "services/commands/progress.hpp"
#include "services/commands/terminal.hpp"
#include "services/domain/drawn_tile.hpp"
#include "services/domain/standing.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

namespace diaban::services::commands {

namespace {

using api::Json;

/// The flags as given.
struct Flags {
    std::vector<std::string> collections;
    std::string style;
    std::string zooms = "0-14";
    std::string bbox;
    std::string role = "public";
    std::string name;
    std::filesystem::path file;
    unsigned threads = 0;
};

[[noreturn]] void refuse(std::string name, std::string value, std::string accepted) {
    throw geo::Error{geo::Code::bad_input,
                     "bad-parameter",
                     {{"parameter", std::move(name)},
                      {"value", std::move(value)},
                      {"accepted", std::move(accepted)}}};
}

/// `7` or `0-14`.
archive::Zooms read_zooms(std::string const& text) {
    auto const whole = [](std::string_view part) -> std::optional<std::uint32_t> {
        std::uint32_t zoom = 0;
        auto const [stop, fault] = std::from_chars(part.data(), part.data() + part.size(), zoom);
        bool const all = fault == std::errc{} && stop == part.data() + part.size();
        return all && zoom <= tiles::TileId::max_zoom ? std::optional{zoom} : std::nullopt;
    };
    std::string_view const both = text;
    auto const dash = both.find('-');
    auto const least = whole(both.substr(0, dash));
    auto const most = dash == std::string_view::npos ? least : whole(both.substr(dash + 1));
    if (!least || !most || *least > *most)
        refuse("--zooms", text, "a zoom or two with a dash between, within 0-19");
    return {*least, *most};
}

geo::Box read_within(std::string const& text) {
    if (text.empty()) return {};
    auto const boxes = api::read_bbox(http::Query::parse("bbox=" + http::percent_encode(text)));
    if (boxes.size() != 1) refuse("--bbox", text, "west,south,east,north, west of the date line");
    return boxes.front();
}

access::Rights rights_of(Settings const& settings, std::string const& role) {
    data::postgis::Pool pool{
        {.uri = settings.database, .role = data::postgis::Role::access, .size = 1}};
    return access::rights_of_role(data::postgis::AccessStore{pool}.read(), role);
}

/// The collections named; of a style those that there are and that the rights let read.
std::vector<std::string> wanted_collections(Settings const& settings, Flags const& flags,
                                            access::Rights const& rights) {
    std::vector<std::string> ids;
    for (auto const& id : flags.collections)
        if (std::ranges::find(ids, id) == ids.end()) ids.push_back(id);
    if (flags.style.empty()) return ids;
    data::postgis::Pool pool{
        {.uri = settings.database, .role = data::postgis::Role::feed, .size = 1}};
    auto const there = data::postgis::Collections{pool}.list();
    for (auto const& id : api::collections_of_style(settings.styles, flags.style)) {
        bool const known =
            std::ranges::any_of(there, [&](auto const& one) { return one.schema.id == id; });
        bool const read = rights.find(id, access::Action::read) != nullptr;
        if (!known || !read)
            fmt::print(stderr, "{}: left out, as {}\n", id,
                       known ? "the role does not read it" : "there is no such collection");
        else if (std::ranges::find(ids, id) == ids.end())
            ids.push_back(id);
    }
    return ids;
}

/// What the archive says of itself.
archive::About describe(archive::SeedGround const& ground, Flags const& flags, archive::Zooms zooms,
                        geo::Box const& within) {
    archive::About about;
    auto const language = terminal_language(process_environment);
    about.min_zoom = zooms.least;
    about.max_zoom = zooms.most;
    about.style = flags.style;
    auto layers = Json::array();
    geo::Box bounds;
    for (auto const& view : ground.picture.views) {
        auto const& policy = domain::read_policy(ground.rights, view->id());
        auto const& collection = view->collection;
        about.reads.emplace(view->id(), policy);
        about.name += (about.name.empty() ? "" : ", ") + api::localised(collection.title, language);
        if (!collection.attribution.empty() &&
            about.attribution.find(collection.attribution) == std::string::npos)
            about.attribution += (about.attribution.empty() ? "" : " · ") + collection.attribution;
        if (collection.synthetic)
            about.description +=
                (about.description.empty() ? "Dữ liệu mô phỏng (synthetic): " : ", ") + view->id();
        bounds.extend(view->layer->extent(policy));
        api::add_tile_layers(layers, *view, policy, language, false);
    }
    for (auto& layer : layers) layer["maxzoom"] = zooms.most;
    about.layers = api::dump(layers);
    if (!flags.name.empty()) about.name = flags.name;
    if (!within.empty())
        bounds = {std::max(bounds.min_x, within.min_x), std::max(bounds.min_y, within.min_y),
                  std::min(bounds.max_x, within.max_x), std::min(bounds.max_y, within.max_y)};
    if (!bounds.empty()) about.bounds = bounds;
    return about;
}

/// What is being made, but for the instant: equal texts make equal tiles.
std::string purpose_of(archive::SeedGround const& ground, archive::Zooms zooms,
                       geo::Box const& within, std::uint32_t buffer) {
    Json collections = Json::array();
    for (auto const& view : ground.picture.views)
        collections.push_back({view->id(), archive::state_of(*view),
                               domain::read_policy(ground.rights, view->id()).key()});
    return api::dump(Json{{"version", DIABAN_VERSION},
                          {"zooms", {zooms.least, zooms.most}},
                          {"bbox", api::box(within)},
                          {"buffer", buffer},
                          {"collections", std::move(collections)}});
}

/// The instant that work which was broken off is of, if it was to make the same; else now.
geo::Instant instant_of(std::filesystem::path const& file, std::string const& purpose) {
    auto const before = archive::Spool::purpose_at(file);
    auto const line = before.find('\n');
    std::int64_t at = 0;
    bool const same = line != std::string::npos && before.substr(line + 1) == purpose &&
                      std::from_chars(before.data(), before.data() + line, at).ec == std::errc{};
    return {same ? at : domain::now_microseconds()};
}

void seed(Settings const& settings, Flags const& flags) {
    auto const ending = flags.file.extension();
    if (ending != ".pmtiles" && ending != ".mbtiles")
        refuse("--output", flags.file.filename().string(), "FILE.pmtiles, FILE.mbtiles");
    auto const zooms = read_zooms(flags.zooms);
    auto const within = read_within(flags.bbox);
    auto const rights = rights_of(settings, flags.role);
    auto const ids = wanted_collections(settings, flags, rights);
    if (ids.empty()) throw geo::Error{geo::Code::not_found, "nothing-to-seed"};
    auto const threads =
        flags.threads > 0 ? flags.threads : std::max(1U, std::thread::hardware_concurrency());

    auto ground = archive::load_ground(settings.database, ids, rights, threads);
    auto const purpose = purpose_of(ground, zooms, within, settings.tile_buffer);
    archive::merge_ground(ground, instant_of(flags.file, purpose), threads);
    archive::Spool spool{flags.file, std::to_string(ground.at.microseconds) + "\n" + purpose};
    auto const numbers = archive::tiles_of(ground, zooms, within, settings.tile_buffer);
    if (spool.done() > 0)
        fmt::print(stderr, "{} of {} tiles are there already\n", spool.done(), numbers.size());
    auto const begun = std::chrono::steady_clock::now();
    auto const before = spool.done();
    Progress progress{"seed " + flags.file.filename().string(), "tiles"};
    archive::make_tiles(ground, numbers, {settings.tile_buffer}, threads, spool,
                        [&](std::uint64_t done, std::uint64_t of) {
                            progress.at(done, static_cast<std::int64_t>(of));
                        });
    double const passed =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    archive::write_archive(spool, describe(ground, flags, zooms, within), flags.file);
    progress.clear();
    fmt::print("{}: {} tiles, {} different, {} bytes; {:.1f} s, {:.0f} tiles/s\n",
               flags.file.string(), spool.made().size(), spool.bodies(),
               std::filesystem::file_size(flags.file), passed,
               double(numbers.size() - before) / std::max(passed, 1e-3));
    spool.remove();
}

} // namespace

void add_seed(CLI::App& app, Settings& settings) {
    auto flags = std::make_shared<Flags>();
    auto* const command = app.add_subcommand("seed", "Write tiles of collections into an archive");
    command->add_option("--collections", flags->collections, "ids, with commas between")
        ->delimiter(',');
    command->add_option("--style", flags->style, "the collections that a style draws");
    command->add_option("--zooms", flags->zooms, "0-14: from and to")->capture_default_str();
    command->add_option("--bbox", flags->bbox, "west,south,east,north: tiles that meet it alone");
    command
        ->add_option("--role", flags->role,
                     "what it sees is seeded, and who reads less reads nothing")
        ->capture_default_str();
    command->add_option("--name", flags->name, "what the archive is called");
    command->add_option("--threads", flags->threads, "0: one a core")->check(CLI::Range(0, 64));
    command->add_option("-o,--output", flags->file, "replaced when the new one is whole")
        ->type_name("FILE.pmtiles|.mbtiles")
        ->required();
    command->callback([flags, &settings] { seed(settings, *flags); });
}

} // namespace diaban::services::commands
