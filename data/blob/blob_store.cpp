#include "data/blob/blob_store.hpp"

#include "geo/error.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <vector>

namespace diaban::data::blob {
namespace {

namespace fs = std::filesystem;
using geo::Code;
using geo::Error;

constexpr std::size_t piece = std::size_t{1} << 20U;

[[noreturn]] void fail(char const* type, fs::path const& path) {
    int const number = errno;
    bool const full = number == ENOSPC || number == EDQUOT;
    throw Error{full ? Code::unavailable : Code::internal,
                full ? "disk-full" : type,
                {},
                path.string() + ": " + std::strerror(number)};
}

/// An open file, closed on the way out.
class File {
public:
    File(fs::path path, int flags) : m_path{std::move(path)} {
        m_descriptor = ::open(m_path.c_str(), flags | O_CLOEXEC, 0640);
        if (m_descriptor < 0) fail("blob-write", m_path);
    }
    ~File() { ::close(m_descriptor); }
    File(File const&) = delete;
    File& operator=(File const&) = delete;

    void write(std::span<std::byte const> bytes) const {
        while (!bytes.empty()) {
            auto const written = ::write(m_descriptor, bytes.data(), bytes.size());
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) fail("blob-write", m_path);
            bytes = bytes.subspan(static_cast<std::size_t>(written));
        }
    }
    void sync() const {
        if (::fsync(m_descriptor) != 0) fail("blob-write", m_path);
    }
    /// As if just written: a sweep leaves it alone.
    void touch() const {
        if (::futimens(m_descriptor, nullptr) != 0) fail("blob-write", m_path);
    }

private:
    fs::path m_path;
    int m_descriptor = -1;
};

void sync_folder(fs::path const& folder) {
    File{folder, O_RDONLY | O_DIRECTORY}.sync();
}

bool is_name(std::string_view text) {
    return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

/// Gives a written file its name in the folder, unless one of that content is there.
void name_file(fs::path const& folder, fs::path const& file, Blob const& blob) {
    auto const home = folder / blob.sha256.substr(0, 2);
    auto const target = home / blob.sha256;
    if (std::error_code fault; fs::create_directory(home, fault)) sync_folder(folder);
    if (fs::exists(target)) {
        File{target, O_RDONLY}.touch();
        return;
    }
    File{file, O_RDONLY}.sync();
    if (::rename(file.c_str(), target.c_str()) != 0) fail("blob-write", target);
    sync_folder(home);
}

/// A file being written; removed again unless it is kept.
class Unfinished {
public:
    explicit Unfinished(fs::path const& folder)
        : m_path{folder / "unfinished" / next_name()}, m_file{m_path, O_WRONLY | O_CREAT | O_EXCL} {
    }
    ~Unfinished() { ::unlink(m_path.c_str()); }
    Unfinished(Unfinished const&) = delete;
    Unfinished& operator=(Unfinished const&) = delete;

    void add(std::span<std::byte const> bytes) {
        m_hash.add(bytes);
        m_size += bytes.size();
        m_file.write(bytes);
    }

    Blob keep(fs::path const& folder) {
        Blob const blob{hex(m_hash.finish()), m_size};
        name_file(folder, m_path, blob);
        return blob;
    }

private:
    static std::string next_name() {
        static std::atomic<std::uint64_t> count{0};
        timespec now{};
        ::clock_gettime(CLOCK_REALTIME, &now);
        return std::to_string(now.tv_sec) + "-" + std::to_string(now.tv_nsec) + "-" +
               std::to_string(::getpid()) + "-" + std::to_string(count++);
    }

    fs::path m_path;
    File m_file;
    Sha256 m_hash;
    std::uint64_t m_size = 0;
};

std::vector<fs::path> files_in(fs::path const& folder) {
    std::vector<fs::path> files;
    std::error_code fault;
    for (auto const& entry : fs::directory_iterator{folder, fault})
        if (entry.is_regular_file(fault)) files.push_back(entry.path());
    return files;
}

/// Size of the file if it was last written before `limit`.
std::optional<std::uint64_t> old_size(fs::path const& file, std::time_t limit) {
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0 || status.st_mtime >= limit) return std::nullopt;
    return static_cast<std::uint64_t>(status.st_size);
}

} // namespace

BlobStore::BlobStore(fs::path folder) : m_folder{std::move(folder)} {
    std::error_code fault;
    fs::create_directories(m_folder / "unfinished", fault);
    if (fault) throw Error{Code::internal, "blob-folder", {}, m_folder.string() + fault.message()};
}

Blob BlobStore::put(std::span<std::byte const> bytes) {
    Unfinished file{m_folder};
    file.add(bytes);
    return file.keep(m_folder);
}

Blob BlobStore::put(std::istream& bytes) {
    Unfinished file{m_folder};
    std::vector<char> buffer(piece);
    while (bytes) {
        bytes.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
        file.add(std::as_bytes(std::span{buffer}).first(static_cast<std::size_t>(bytes.gcount())));
    }
    if (!bytes.eof()) throw Error{Code::internal, "blob-write", {}, "the source cannot be read"};
    return file.keep(m_folder);
}

Blob BlobStore::adopt(fs::path const& file) {
    Sha256 hash;
    Blob blob;
    std::ifstream stream{file, std::ios::binary};
    std::vector<char> buffer(piece);
    while (stream) {
        stream.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
        auto const count = static_cast<std::size_t>(stream.gcount());
        hash.add(std::as_bytes(std::span{buffer}).first(count));
        blob.size += count;
    }
    if (!stream.eof()) throw Error{Code::internal, "blob-write", {}, file.string()};
    blob.sha256 = hex(hash.finish());
    name_file(m_folder, file, blob);
    return blob;
}

std::optional<fs::path> BlobStore::find(std::string_view sha256) const {
    if (!is_name(sha256)) return std::nullopt;
    auto path = m_folder / std::string{sha256.substr(0, 2)} / std::string{sha256};
    if (!fs::exists(path)) return std::nullopt;
    return path;
}

bool BlobStore::intact(std::string_view sha256) const {
    auto const path = find(sha256);
    if (!path) return false;
    std::ifstream stream{*path, std::ios::binary};
    Sha256 hash;
    std::vector<char> buffer(piece);
    while (stream) {
        stream.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
        hash.add(std::as_bytes(std::span{buffer}).first(static_cast<std::size_t>(stream.gcount())));
    }
    return stream.eof() && hex(hash.finish()) == sha256;
}

BlobStore::Swept BlobStore::sweep(std::chrono::seconds grace,
                                  std::function<bool(std::string const&)> const& owned) {
    Swept swept;
    std::time_t const limit = std::time(nullptr) - grace.count();
    for (auto const& file : files_in(m_folder / "unfinished")) {
        auto const size = old_size(file, limit);
        if (!size || ::unlink(file.c_str()) != 0) continue;
        ++swept.unfinished;
        swept.bytes += *size;
    }
    constexpr std::time_t month = 30 * 24 * 3600;
    for (auto const& file : files_in(prepared()))
        if (old_size(file, std::time(nullptr) - month)) ::unlink(file.c_str());
    std::error_code fault;
    for (auto const& workshop : fs::directory_iterator{m_folder / "unfinished", fault})
        if (workshop.is_directory(fault) && old_size(workshop.path(), limit) &&
            fs::remove_all(workshop.path(), fault) > 0)
            ++swept.unfinished;
    for (auto const& home : fs::directory_iterator{m_folder, fault}) {
        if (home.path().filename() == "unfinished" || home.path() == prepared() ||
            !home.is_directory(fault))
            continue;
        for (auto const& file : files_in(home.path())) {
            auto const name = file.filename().string();
            if (!is_name(name) || !old_size(file, limit) || owned(name)) continue;
            // Asked again: it may have been put anew while its owner was sought.
            auto const size = old_size(file, limit);
            if (!size || ::unlink(file.c_str()) != 0) continue;
            ++swept.orphans;
            swept.bytes += *size;
        }
    }
    return swept;
}

} // namespace diaban::data::blob
