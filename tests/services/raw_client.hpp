#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace diaban::tests {

/// An answer as it came over the wire; names of fields in lower case.
struct RawAnswer {
    int status = 0;
    std::multimap<std::string, std::string> fields;
    std::string body;

    [[nodiscard]] std::string field(std::string const& name) const;
};

/// A TCP client that sends exactly the bytes it is told, right or wrong.
class RawClient {
public:
    explicit RawClient(std::uint16_t port);
    ~RawClient();
    RawClient(RawClient const&) = delete;
    RawClient& operator=(RawClient const&) = delete;

    void send(std::string_view bytes);
    /// The next answer; nothing if the connection ended or nothing came within `patience`.
    /// `head`: an answer to HEAD has no body.
    std::optional<RawAnswer> read(std::chrono::milliseconds patience = std::chrono::seconds{10},
                                  bool head = false);
    /// Whether the other side ends the connection within `patience`; what it sends is dropped.
    bool ends(std::chrono::milliseconds patience = std::chrono::seconds{10});
    /// Closes with a reset: what is on its way is thrown away on both sides.
    void reset();
    /// Ends our side only.
    void finish();
    /// Reads at most so many bytes, as they come.
    std::string some(std::size_t most, std::chrono::milliseconds patience);

private:
    bool fill(std::chrono::milliseconds patience);

    int m_socket = -1;
    std::string m_buffer;
};

/// `GET target` on a connection of its own, with more field lines where given (each with CRLF).
RawAnswer get(std::uint16_t port, std::string_view target, std::string_view fields = {});

} // namespace diaban::tests
