#pragma once

#include "tests/support/database.hpp"

namespace diaban::tests {

// Of disasters: what all see, and what is planted among it.

/// A storm that all see, its tracks and bulletin, and the rules about it.
inline void make_storms(Database const& database) {
    database.sql(
        R"(SELECT diaban.create_collection('{"id": "cyclone_tracks", "geometry": "line",
        "title": {"vi": "Bão"}, "fields": [
        {"name": "name", "type": "text", "title": {"vi": "Tên"}, "tile": true},
        {"name": "storm_id", "type": "text", "title": {"vi": "Mã"}},
        {"name": "starts_at", "type": "timestamp", "title": {"vi": "Bắt đầu"}},
        {"name": "max_wind_kt", "type": "integer", "title": {"vi": "Gió"}, "tile": true}]}');
        SELECT diaban.create_collection('{"id": "cyclone_fixes", "geometry": "point",
        "title": {"vi": "Tâm bão"}, "fields": [
        {"name": "storm_id", "type": "text", "title": {"vi": "Mã"}, "tile": true},
        {"name": "at", "type": "timestamp", "title": {"vi": "Lúc"}, "tile": true},
        {"name": "wind_kt", "type": "integer", "title": {"vi": "Gió"}, "tile": true}]}'))");
    database.sql(
        "INSERT INTO record.cyclone_tracks (name, storm_id, starts_at, max_wind_kt, geom) "
        "VALUES "
        "('MỘT', '201301', '2013-09-01T00:00Z', 80, ST_SetSRID(ST_MakeLine(ST_MakePoint(107, "
        "18.3), ST_MakePoint(104, 18.3)), 4326));"
        "INSERT INTO record.cyclone_fixes (storm_id, at, wind_kt, geom) VALUES ('201301', "
        "'2013-09-01T00:00Z', 80, ST_Point(107, 18.3, 4326)), ('201301', '2013-09-01T12:00Z', "
        "60, ST_Point(104, 18.3, 4326));"
        "INSERT INTO record.wind_levels (level, from_ms, kind, since) VALUES (8, 17.2, "
        "'storm', "
        "'2021-07-01'), (12, 32.7, 'very_strong', '2021-07-01');"
        "INSERT INTO record.storm_risks (zone, level_from, level_until, risk, since) VALUES "
        "('sea', 6, 17, 3, '2021-07-01');"
        "INSERT INTO record.rain_regions (province, region, since) VALUES ('06', '2', "
        "'2021-07-01');"
        "INSERT INTO record.rain_risks (region, zone, from_mm, until_mm, wet_from, wet_until, "
        "risk, since) VALUES ('2', 'medium', 100, 200, 1, 2, 1, '2021-07-01');"
        "INSERT INTO record.reservoir_curves (reservoir, title, level_m, volume_m3) VALUES "
        "('ho', 'Hồ', 1, 1000), ('ho', 'Hồ', 3, 3000);"
        "INSERT INTO record.storm_bulletins (key, event, storm, observed_at, text, "
        "confirmed_at) "
        "VALUES ('openkey', 1, 'Bão số 1', '2026-01-05T00:00Z', 'x', '2026-01-05T01:00Z');"
        "INSERT INTO record.storm_fixes (bulletin, at, forecast, level_from, level_until, "
        "geom) "
        "VALUES ('openkey', '2026-01-05T00:00Z', false, 12, 12, ST_Point(107, 18, 4326))");
}
/// An event that all see, with an order and a call.
inline void make_response(Database const& database) {
    database.sql(
        "INSERT INTO record.disaster_events (kind, name, phase) VALUES ('flood', 'Lũ', "
        "'respond');"
        "INSERT INTO record.duty_roster (unit, name, superior) VALUES ('18739', 'Anh Ba', 'Chị "
        "Tư');"
        "INSERT INTO record.event_orders (event, unit, to_whom, superior, text, issued_at, "
        "due_minutes, state, acknowledged_at, acknowledged_by) VALUES (1, '18739', 'Anh Ba', "
        "'Chị Tư', 'Sơ tán', '2026-01-05T00:00Z', 10, 'acknowledged', '2026-01-05T00:05Z', "
        "'Anh Ba');"
        "INSERT INTO record.rescue_teams (name, state, geom) VALUES ('Xuồng', 'free', "
        "ST_Point(105.3, 18.2, 4326));"
        "INSERT INTO record.rescue_calls (event, key, source, text, people, vulnerable, "
        "received_at, state, priority, geom) VALUES (1, 'k1', '112', 'Cứu', 1, 0, "
        "'2026-01-05T00:00Z', 'new', 4, ST_Point(105.3, 18.2, 4326))");
}
/// One of each that nobody else may know of, in the event that all see, and another event.
inline void plant_response(Database const& database) {
    database.sql(
        "INSERT INTO record.disaster_events (kind, name, phase, sensitivity) VALUES ('flood', "
        "'ALPHA7319', 'watch', 5);"
        "INSERT INTO record.duty_roster (unit, name, superior, scope) VALUES ('18739', "
        "'BETA7319', 'ALPHA7319', '99999');"
        "INSERT INTO record.event_orders (event, unit, to_whom, superior, text, issued_at, "
        "due_minutes, state, scope) VALUES (1, '99999', 'BETA7319', 'ALPHA7319', 'ALPHA7319', "
        "now(), 1440, 'issued', '99999');"
        "INSERT INTO record.triage_rules (priority, depth_from, since, basis, sensitivity) "
        "VALUES (1, 1, '2025-08-23', 'ALPHA7319', 5);"
        "INSERT INTO record.rescue_teams (name, state, geom, sensitivity) VALUES ('ALPHA7319', "
        "'free', ST_Point(105.3731973, 18.3073197, 4326), 5);"
        "INSERT INTO record.rescue_calls (event, key, source, text, people, vulnerable, "
        "received_at, state, priority, geom, scope) VALUES (1, 'BETA7319', '112', 'ALPHA7319', "
        "7319, 0, '2026-01-05T00:00Z', 'new', 1, ST_Point(105.3731973, 18.3073197, 4326), "
        "'99999')");
}
/// Cases of inspection beyond everyone's level and in a scope that is nobody's, with a photo.
inline void plant_inspections(Database const& database) {
    database.sql(
        "INSERT INTO record.land_inspectors (unit, office, login, sensitivity) VALUES ('18739', "
        "'ALPHA7319', 'BETA7319', 5);"
        "INSERT INTO record.inspection_cases (key, origin, reason, state, opened_at, opened_by, "
        "due_on, checklist, assignee, geom, scope, sensitivity) VALUES ('BETA7319', 'hand', "
        "'ALPHA7319', 'assigned', '2026-01-05T00:00Z', 'BETA7319', '2026-01-20', '2025-07-01', "
        "'ALPHA7319', ST_Point(105.3731973, 18.3073197, 4326), '18739', 5), ('ALPHA7319', 'hand', "
        "'BETA7319', 'new', '2026-01-05T00:00Z', 'BETA7319', '2026-01-20', '2025-07-01', NULL, "
        "ST_Point(105.3731973, 18.3073197, 4326), '99999', 1);"
        "INSERT INTO record.case_photos (inspection, sha256, media_type, size, received_at, "
        "sent_by, scope) VALUES (1, repeat('7', 64), 'image/jpeg', 7319, '2026-01-05T00:00Z', "
        "'ALPHA7319', '99999');"
        "INSERT INTO land.photo_upload (inspection, login, key, length) VALUES (1, 'ALPHA7319', "
        "'BETA7319', 7319);"
        "INSERT INTO land.pack (id, login, area) VALUES ('73197319-7319-4731-8731-731973197319', "
        "'ALPHA7319', 'BETA7319');"
        "INSERT INTO land.pack_conflict (pack, number, inspection, base, field) SELECT id, 1, 1, "
        "'{\"answers\": {}}', '{\"answers\": {}, \"finding\": \"ALPHA7319\"}' FROM land.pack");
}
/// Land statistics of a parcel that all see who see any.
inline void make_statistics(Database const& database) {
    database.sql(
        "INSERT INTO land.statistics (taken_on, kind, version, known_at, author) VALUES "
        "('2024-12-31', 'annual', 1, now(), 'an');"
        "INSERT INTO land.statistics_rows (statistics, parcel, commune, land_use, area_m2, "
        "scope, sensitivity) VALUES (1, 1, '18739', 'LUC', 12345.6, '18739', 0)");
}
/// Parcels among them that nobody else may know of, and statistics of nothing else.
inline void plant_statistics(Database const& database) {
    database.sql(
        "INSERT INTO land.statistics (taken_on, kind, version, known_at, author, previous) "
        "VALUES ('2025-12-31', 'annual', 1, now(), 'ALPHA7319', 1);"
        "INSERT INTO land.statistics_rows (statistics, parcel, commune, land_use, area_m2, "
        "scope, sensitivity) SELECT s, p, 'ALPHA7319', 'BETA7319', 7319, scope, level FROM "
        "(VALUES (1, 2, '18739', 5), (1, 3, '99999', 0), (2, 2, '18739', 5), (2, 1, "
        "'99999', 0)) AS r (s, p, scope, level)");
}
/// A storm, a bulletin, and parts of those that all see, which nobody else may know of.
inline void plant_storms(Database const& database) {
    database.sql(
        "INSERT INTO record.cyclone_tracks (name, storm_id, starts_at, max_wind_kt, geom, "
        "sensitivity) VALUES ('ALPHA7319', '201302', '2013-10-01T00:00Z', 90, "
        "ST_SetSRID(ST_MakeLine(ST_MakePoint(107, 18.31), ST_MakePoint(104, 18.31)), 4326), 5);"
        "INSERT INTO record.cyclone_fixes (storm_id, at, wind_kt, geom, scope) VALUES "
        "('201301', "
        "'2013-09-01T06:00Z', 999, ST_Point(105.3731973, 18.3073197, 4326), '99999');"
        "INSERT INTO record.reservoir_curves (reservoir, title, level_m, volume_m3, "
        "sensitivity) "
        "VALUES ('ho', 'Hồ', 2, 2900, 5), ('ALPHA7319', 'ALPHA7319', 1, 1, 5);"
        "INSERT INTO record.storm_bulletins (key, event, storm, observed_at, text, "
        "confirmed_at, "
        "sensitivity) VALUES ('hiddenkey', 1, 'ALPHA7319', '2026-01-06T00:00Z', 'BETA7319', "
        "'2026-01-06T01:00Z', 5);"
        "INSERT INTO record.storm_fixes (bulletin, at, forecast, level_from, level_until, "
        "geom, "
        "scope) VALUES ('openkey', '2026-01-05T12:00Z', true, 12, 12, ST_Point(105.3731973, "
        "18.3073197, 4326), '99999');"
        "INSERT INTO record.storm_dangers (bulletin, at, stated, geom, sensitivity) VALUES "
        "('openkey', '2026-01-05T00:00Z', 'ALPHA7319', ST_MakeEnvelope(100, 5, 110, 20, 4326), "
        "5);"
        "INSERT INTO record.storm_warnings (bulletin, at, area, mainland, risk, scope) VALUES "
        "('openkey', '2026-01-05T00:00Z', 'BETA7319', true, 5, '99999')");
}

} // namespace diaban::tests
