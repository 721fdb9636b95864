#include "services/archive/spool.hpp"

#include "geo/error.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

namespace diaban::services::archive {

namespace {

using tiles::archive::hash_of;
using tiles::archive::Place;

/// A line of the log: length of its payload, hash of it, payload.
constexpr std::size_t line_head = 4 + 8;
/// In a payload behind how many tiles are done: a tile's number, offset, length, and hash.
constexpr std::size_t made_size = 8 + 8 + 4 + 8;
constexpr std::size_t most_unwritten = 8 << 20;

template <typename Number>
void append(std::string& bytes, Number value) {
    char raw[sizeof value];
    std::memcpy(raw, &value, sizeof value);
    bytes.append(raw, sizeof raw);
}

template <typename Number>
Number take(std::string_view& bytes) {
    Number value;
    std::memcpy(&value, bytes.data(), sizeof value);
    bytes.remove_prefix(sizeof value);
    return value;
}

/// The payload of the first line, if it is whole.
std::optional<std::string_view> payload_of(std::string_view lines) {
    if (lines.size() < line_head) return std::nullopt;
    auto const length = take<std::uint32_t>(lines);
    auto const hash = take<std::uint64_t>(lines);
    auto const payload = lines.substr(0, length);
    if (payload.size() != length || hash_of(payload) != hash) return std::nullopt;
    return payload;
}

std::filesystem::path beside(std::filesystem::path const& target, char const* ending) {
    auto path = target;
    path += ending;
    return path;
}

} // namespace

Spool::Spool(std::filesystem::path const& target, std::string purpose)
    : m_log{beside(target, ".part.log"), File::Use::write},
      m_bodies{beside(target, ".part"), File::Use::write}, m_purpose{std::move(purpose)} {
    if (!m_log.lock())
        throw geo::Error{geo::Code::conflict, "seed-busy", {{"name", target.filename().string()}}};
    resume();
}

std::string Spool::purpose_at(std::filesystem::path const& target) {
    File const log{beside(target, ".part.log"), File::Use::read};
    if (!log.is_open()) return {};
    constexpr std::size_t most_purpose = 1 << 20;
    auto const first = log.read(0, std::min<std::uint64_t>(log.size(), most_purpose));
    return std::string{payload_of(first).value_or("")};
}

void Spool::begin_anew() {
    m_made.clear();
    m_contents = {};
    m_written = m_size = m_log_size = m_done = 0;
    m_committed = 0;
    m_bodies.cut(0);
    m_log.cut(0);
    write_line(m_purpose);
    m_log.sync();
}

void Spool::resume() {
    auto const log = m_log.read(0, m_log.size());
    std::string_view rest = log;
    bool first = true;
    while (auto const payload = payload_of(rest)) {
        if (first ? *payload != m_purpose : !take_line(*payload)) break;
        first = false;
        rest.remove_prefix(line_head + payload->size());
        m_log_size = log.size() - rest.size();
    }
    if (first || m_bodies.size() < m_size) return begin_anew();
    m_log.cut(m_log_size);
    m_bodies.cut(m_size);
    m_written = m_size;
    m_committed = m_made.size();
}

/// False for a line that does not fit what stands before it.
bool Spool::take_line(std::string_view line) {
    if (line.size() < 8 || (line.size() - 8) % made_size != 0) return false;
    m_done = take<std::uint64_t>(line);
    while (!line.empty()) {
        auto const number = take<std::uint64_t>(line);
        auto const offset = take<std::uint64_t>(line);
        auto const length = take<std::uint32_t>(line);
        auto const hash = take<std::uint64_t>(line);
        Place const place{offset, length};
        m_made.push_back({number, place});
        if (offset != m_size) continue;
        m_contents.add(hash, place);
        m_size += length;
    }
    return true;
}

std::string Spool::body(Place const& place) const {
    if (place.offset >= m_written)
        return m_unwritten.substr(place.offset - m_written, place.length);
    auto body = m_bodies.read(place.offset, place.length);
    if (body.size() != place.length)
        throw geo::Error{geo::Code::unavailable, "archive-unreadable", {}, "spool"};
    return body;
}

void Spool::each_piece(std::function<void(std::string_view)> const& take) const {
    constexpr std::uint64_t piece = 4 << 20;
    for (std::uint64_t at = 0; at < m_size; at += piece)
        take(body({at, static_cast<std::uint32_t>(std::min(piece, m_size - at))}));
}

void Spool::add(std::uint64_t number, std::string_view body) {
    auto const hash = hash_of(body);
    auto place = m_contents.find(hash, body, [this](Place const& at, std::string_view bytes) {
        return this->body(at) == bytes;
    });
    if (!place) {
        place = Place{m_size, static_cast<std::uint32_t>(body.size())};
        m_contents.add(hash, *place);
        m_unwritten += body;
        m_size += body.size();
        if (m_unwritten.size() >= most_unwritten) flush();
    }
    m_made.push_back({number, *place});
    m_hashes.push_back(hash);
}

void Spool::flush() {
    m_bodies.write(m_written, m_unwritten);
    m_written = m_size;
    m_unwritten.clear();
}

void Spool::commit(std::uint64_t done) {
    flush();
    m_bodies.sync(); // the log speaks of bodies that are there
    std::string line;
    append(line, done);
    for (auto i = m_committed; i < m_made.size(); ++i) {
        append(line, m_made[i].number);
        append(line, m_made[i].place.offset);
        append(line, m_made[i].place.length);
        append(line, m_hashes[i - m_committed]);
    }
    write_line(line);
    m_log.sync();
    m_hashes.clear();
    m_committed = m_made.size();
    m_done = done;
}

void Spool::write_line(std::string_view payload) {
    std::string line;
    append(line, static_cast<std::uint32_t>(payload.size()));
    append(line, hash_of(payload));
    line += payload;
    m_log.write(m_log_size, line);
    m_log_size += line.size();
}

void Spool::remove() {
    std::error_code ignored;
    std::filesystem::remove(m_bodies.path(), ignored);
    std::filesystem::remove(m_log.path(), ignored);
}

} // namespace diaban::services::archive
