#pragma once

#include "services/archive/file.hpp"
#include "tiles/archive/contents.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::services::archive {

/// A tile that was made: its number, and where its bytes lie.
struct Made {
    std::uint64_t number = 0;
    tiles::archive::Place place;
};

/// Tiles on their way into an archive: two files beside it, `NAME.part` with the different bodies,
/// in the order in which they first came, and `NAME.part.log` that says which tile is which.
///
/// Kill      whatever happens to the process or the machine, what `commit` returned from is there
///           when the spool is opened again; the log's lines carry hashes, and what lies behind the
///           last whole one is cut off.
/// Purpose   a text that says what is being made. Opened with another, the spool begins anew.
/// Threads   one.
class Spool {
public:
    /// Throws   Error{conflict, "seed-busy"} while another process makes the same archive;
    ///          Error{bad_input, "unwritable-file"}.
    Spool(std::filesystem::path const& target, std::string purpose);

    /// What is being made at `target`; empty: nothing.
    [[nodiscard]] static std::string purpose_at(std::filesystem::path const& target);

    /// How many of the tiles asked for are done: those, in their order, are not to be made again.
    [[nodiscard]] std::uint64_t done() const noexcept { return m_done; }
    /// Tiles that are not empty, ascending by number if they were added so.
    [[nodiscard]] std::span<Made const> made() const noexcept { return m_made; }
    /// Different bodies, and their bytes together.
    [[nodiscard]] std::size_t bodies() const noexcept { return m_contents.size(); }
    [[nodiscard]] std::uint64_t bytes() const noexcept { return m_size; }
    [[nodiscard]] std::string body(tiles::archive::Place const& place) const;
    /// All bodies, a piece at a time.
    void each_piece(std::function<void(std::string_view)> const& take) const;

    void add(std::uint64_t number, std::string_view body);
    /// The first `done` tiles asked for are done: waits until that is on the disk.
    void commit(std::uint64_t done);
    /// Removes both files, once the archive has its name.
    void remove();

private:
    void begin_anew();
    void resume();
    bool take_line(std::string_view line);
    void flush();
    void write_line(std::string_view payload);

    File m_log;
    File m_bodies;
    std::string m_purpose;
    std::vector<Made> m_made;
    std::vector<std::uint64_t> m_hashes; // of those since the last commit
    tiles::archive::Contents m_contents;
    std::string m_unwritten; // bodies behind m_written
    std::uint64_t m_written = 0;
    std::uint64_t m_size = 0;
    std::uint64_t m_log_size = 0;
    std::uint64_t m_done = 0;
    std::size_t m_committed = 0; // of m_made
};

} // namespace diaban::services::archive
