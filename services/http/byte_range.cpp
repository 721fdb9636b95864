#include "services/http/byte_range.hpp"

#include "geo/error.hpp"
#include "services/http/negotiation.hpp"
#include "services/http/representation.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

namespace diaban::services::http {

namespace {

constexpr char kept[] = "private, no-cache";

std::optional<std::uint64_t> number(std::string_view text) noexcept {
    std::uint64_t value = 0;
    auto const* const end = text.data() + text.size();
    auto const [stop, fault] = std::from_chars(text.data(), end, value);
    if (fault != std::errc{} || stop != end) return std::nullopt;
    return value;
}

/// Bytes of a file in memory as long as somebody holds them.
class Mapping {
public:
    Mapping(std::filesystem::path const& path) {
        int const descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
        struct stat status {};
        if (descriptor < 0 || ::fstat(descriptor, &status) != 0) fail(path, descriptor);
        m_size = static_cast<std::size_t>(status.st_size);
        if (m_size > 0) {
            m_bytes = ::mmap(nullptr, m_size, PROT_READ, MAP_SHARED, descriptor, 0);
            if (m_bytes == MAP_FAILED) fail(path, descriptor);
            ::madvise(m_bytes, m_size, MADV_SEQUENTIAL);
        }
        ::close(descriptor);
    }
    Mapping(Mapping const&) = delete;
    Mapping& operator=(Mapping const&) = delete;
    ~Mapping() {
        if (m_size > 0) ::munmap(m_bytes, m_size);
    }
    [[nodiscard]] std::string_view bytes() const noexcept {
        return {static_cast<char const*>(m_bytes), m_size};
    }

private:
    [[noreturn]] static void fail(std::filesystem::path const& path, int descriptor) {
        auto const reason = path.string() + ": " + std::strerror(errno);
        if (descriptor >= 0) ::close(descriptor);
        throw geo::Error{
            geo::Code::internal, "file-unreadable", {{"name", path.filename().string()}}, reason};
    }

    void* m_bytes = nullptr;
    std::size_t m_size = 0;
};

/// For a name of any bytes (RFC 6266, RFC 8187).
std::string disposition(std::string const& name) {
    bool const plain = std::ranges::all_of(
        name, [](char c) { return c > 0x20 && c < 0x7f && c != '"' && c != '\\' && c != '%'; });
    if (plain) return fmt::format("attachment; filename=\"{}\"", name);
    return "attachment; filename*=UTF-8''" + percent_encode(name);
}

} // namespace

AskedRange choose_range(std::string_view range, std::string_view if_range, std::string_view etag,
                        std::uint64_t size) noexcept {
    constexpr std::string_view unit = "bytes=";
    AskedRange const whole;
    if (range.size() <= unit.size() || !equal_without_case(range.substr(0, unit.size()), unit))
        return whole;
    // A date names no state of a file here, and a weak tag is never good enough.
    if (!if_range.empty() && if_range != etag) return whole;
    range.remove_prefix(unit.size());
    auto const dash = range.find('-');
    if (dash == range.npos || range.find(',') != range.npos) return whole;
    auto const first = number(range.substr(0, dash));
    auto const last = number(range.substr(dash + 1));
    if (!first) {
        if (dash != 0 || !last) return whole;
        if (*last == 0 || size == 0) return {AskedRange::Kind::unsatisfied, 0, 0};
        return {AskedRange::Kind::part, size - std::min(*last, size), size - 1};
    }
    if (!last && dash + 1 != range.size()) return whole;
    if (last && *last < *first) return whole;
    if (*first >= size) return {AskedRange::Kind::unsatisfied, 0, 0};
    return {AskedRange::Kind::part, *first, std::min(last.value_or(size - 1), size - 1)};
}

Response answer_file(Context const& context, ServedFile const& file) {
    auto const& request = context.request;
    if (names_etag(request.header_list("if-none-match"), file.etag))
        return not_modified(file.etag, kept, "Accept");
    auto mapping = std::make_shared<Mapping const>(file.path);
    auto const bytes = mapping->bytes();
    auto const asked =
        choose_range(request.header("range"), request.header("if-range"), file.etag, bytes.size());
    Response response;
    switch (asked.kind) {
    case AskedRange::Kind::whole:
        response = answer(200, file.media_type, Body{std::move(mapping), bytes});
        break;
    case AskedRange::Kind::part:
        response = answer(
            206, file.media_type,
            Body{std::move(mapping), bytes.substr(asked.first, asked.last - asked.first + 1)});
        response.with("Content-Range",
                      fmt::format("bytes {}-{}/{}", asked.first, asked.last, bytes.size()));
        break;
    case AskedRange::Kind::unsatisfied:
        response =
            problem(geo::Error{geo::Code::bad_input,
                               "range-beyond-end",
                               {{"value", std::string{request.header("range").substr(0, 64)}},
                                {"accepted", std::to_string(bytes.size())}}},
                    416, context.language, request.path);
        response.with("Content-Range", fmt::format("bytes */{}", bytes.size()));
        return response;
    }
    response.with("Accept-Ranges", "bytes")
        .with("ETag", file.etag)
        .with("Cache-Control", kept)
        .with("Content-Disposition", disposition(file.name))
        .with("X-Content-Type-Options", "nosniff");
    return response;
}

} // namespace diaban::services::http
