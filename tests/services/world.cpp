#include "tests/services/world.hpp"

#include "data/postgis/collections.hpp"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace diaban::tests {

namespace {

geo::Field field(std::string name, geo::FieldType type, bool tile = true) {
    geo::Field made;
    made.name = name;
    made.type = type;
    made.title = {"Trường " + name, "Field " + name};
    made.tile = tile;
    return made;
}

data::model::Collection collection(std::string id, geo::GeometryKind kind) {
    data::model::Collection made;
    made.schema.id = id;
    made.schema.geometry = kind;
    made.title = {"Lớp " + id, "Collection " + id};
    made.attribution = "Nguồn <thử>";
    made.licence = "CC0";
    made.synthetic = true;
    return made;
}

void register_collections(Database const& database) {
    data::postgis::Pool pool{database.options(data::postgis::Role::owner)};
    data::postgis::Collections registry{pool};
    using geo::FieldType;
    using geo::GeometryKind;

    auto blocks = collection("blocks", GeometryKind::polygon);
    blocks.schema.fields = {field("name", FieldType::text), field("kind", FieldType::text),
                            field("area", FieldType::number, false),
                            field("owner", FieldType::text, false)};
    blocks.schema.fields[3].personal = true;
    blocks.schema.class_field = "kind";
    blocks.schema.label_field = "name";
    registry.create(blocks);

    auto ways = collection("ways", GeometryKind::line);
    ways.schema.fields = {field("number", FieldType::integer)};
    registry.create(ways);

    auto spots = collection("spots", GeometryKind::point);
    spots.schema.fields = {field("seen_at", FieldType::timestamp, false),
                           field("note", FieldType::text)};
    spots.schema.time_field = "seen_at";
    registry.create(spots);
}

void fill(Database const& database) {
    database.sql(
        "SELECT setseed(0.25);"
        "INSERT INTO record.blocks (name, kind, area, owner, geom) "
        "SELECT 'Ô ' || i, (ARRAY['ONT','LUC','CLN'])[1 + i % 3], i * 0.1, 'Nguyễn Văn ' || i, "
        "ST_MakeEnvelope(105 + (i % 80) * 0.01, 18 + (i / 80) * 0.01, 105.01 + (i % 80) * 0.01, "
        "18.01 + (i / 80) * 0.01, 4326) FROM generate_series(0, 3999) i;"
        "INSERT INTO record.blocks (name, kind, area, owner, geom) "
        "SELECT 'Mảnh ' || i, 'RSX', NULL, NULL, ST_Rotate(ST_MakeEnvelope(x, y, x + 0.004, "
        "y + 0.003, 4326), i, x, y) FROM (SELECT i, 105 + random() * 0.8 AS x, "
        "18 + random() * 0.5 AS y FROM generate_series(1, 1000) i) r;"
        "INSERT INTO record.ways (number, geom) SELECT i, "
        "ST_MakeLine(ARRAY(SELECT ST_SetSRID(ST_MakePoint(105 + random() * 0.02 + (i % 40) * 0.02, "
        "18 + random() * 0.02 + (i % 20) * 0.02), 4326) FROM generate_series(0, 1 + i % 9))) "
        "FROM generate_series(1, 1000) i;"
        "INSERT INTO record.spots (seen_at, note, geom) SELECT "
        "'2025-09-28T00:00:00+07'::timestamptz + i * interval '1 hour', 'số ' || i, "
        "CASE WHEN i % 2 = 0 THEN ST_SetSRID(ST_MakePoint(105 + random(), 18 + random()), 4326) "
        "END "
        "FROM generate_series(0, 999) i;"
        "INSERT INTO record.spots (note, geom) VALUES "
        "('bên kia', ST_SetSRID(ST_MakePoint(-179.5, 10), 4326)), "
        "('bên này', ST_SetSRID(ST_MakePoint(179.5, 10), 4326));");
    database.sql(
        "INSERT INTO record.places (code, level, kind, name, full_name, full_name_en, "
        "province_code, valid_from, valid_to, geom) VALUES "
        "('42', 'province', 'tinh', 'Hà Tĩnh', 'Tỉnh Hà Tĩnh', 'Ha Tinh Province', '42', "
        " '2004-01-01T00:00+07', NULL, ST_Multi(ST_MakeEnvelope(105, 18, 106, 19, 4326))), "
        "('18739', 'commune', 'xa', 'Cẩm Duệ', 'Xã Cẩm Duệ', 'Cam Due Commune', '42', "
        " '2025-07-01T00:00+07', NULL, ST_Multi(ST_MakeEnvelope(105.2, 18.2, 105.4, 18.4, 4326))), "
        "('18073', 'commune', 'phuong', 'Thành Sen', 'Phường Thành Sen', 'Thanh Sen Ward', '42', "
        " '2025-07-01T00:00+07', NULL, ST_Multi(ST_MakeEnvelope(105.4, 18.2, 105.6, 18.4, 4326))), "
        "('18739', 'commune', 'xa', 'Cẩm Mỹ', 'Xã Cẩm Mỹ', 'Cam My Commune', '42', "
        " '2004-01-01T00:00+07', '2025-07-01T00:00+07', NULL);");
}

std::filesystem::path make_console() {
    static int number = 0;
    auto const folder =
        std::filesystem::temp_directory_path() /
        ("diaban-console-" + std::to_string(::getpid()) + "-" + std::to_string(number++));
    std::filesystem::create_directories(folder / "assets");
    std::ofstream{folder / "index.html"} << "<!doctype html><title>app</title>";
    std::ofstream{folder / "assets" / "index-B1xY9z_k.js"} << std::string(5000, ';');
    std::ofstream{folder / ".secret"} << "hidden";
    std::filesystem::create_symlink("/etc/passwd", folder / "link.txt");
    return folder;
}

} // namespace

World::World(std::function<void(services::Settings&)> const& change) : m_console{make_console()} {
    register_collections(m_database);
    fill(m_database);
    m_server = start_server("none", change);
}

std::unique_ptr<services::Server>
World::start_server(std::filesystem::path const& segments,
                    std::function<void(services::Settings&)> const& change) const {
    services::Settings settings;
    settings.database = m_database.uri();
    settings.port = 0;
    settings.live_port = 0;
    settings.edge_threads = 32;
    settings.sql_timeout_ms = 30'000; // a machine that is busy with other tests is no fault
    settings.console = m_console;
    settings.blobs = blobs();
    settings.program = DIABAN_PROGRAM;
    settings.browser = "none"; // specs of the browser look at pictures
    settings.segments = segments;
    settings.home = DIABAN_SOURCES;
    if (change) change(settings);
    services::complete(settings);
    auto server = std::make_unique<services::Server>(settings);
    server->start();
    if (!server->atlas().wait_until_ready(std::chrono::seconds{60}))
        throw std::runtime_error{"the server does not become ready: " +
                                 server->atlas().readiness().fault};
    return server;
}

World::~World() {
    m_server.reset(); // before its database is dropped
    std::error_code ignored;
    std::filesystem::remove_all(m_console, ignored);
}

World& World::shared() {
    static World world;
    return world;
}

nlohmann::json World::json(std::string_view target) const {
    auto const answer = get(target);
    if (answer.status != 200)
        throw std::runtime_error{std::string{target} + ": " + std::to_string(answer.status) + " " +
                                 answer.body};
    return nlohmann::json::parse(answer.body);
}

} // namespace diaban::tests
