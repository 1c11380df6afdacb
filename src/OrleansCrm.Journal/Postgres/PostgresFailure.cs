using System.Net.Sockets;
using Npgsql;

namespace OrleansCrm.Journal.Postgres;

/// <summary>What the driver and the server say when something fails, in the words of the journal.</summary>
internal static class PostgresFailure
{
    /// <summary>Whether it comes from the driver, the server, or the way between.</summary>
    public static bool Is(Exception error) => error is NpgsqlException or TimeoutException or IOException or SocketException;

    /// <summary>
    /// A value that does not fit or a key that exists: a mistake of whoever wrote it. The server has said so, so nothing was written.
    /// </summary>
    public static bool IsMistake(Exception error) =>
        error is PostgresException { SqlState: [_, _, ..] state } && state[..2] is "21" or "22" or "23";

    /// <summary>Whether what happened to this connection has most likely happened to all: the server stopped, or the way to it is cut.</summary>
    public static bool IsOfServer(Exception error) => error is not PostgresException { SqlState: not [ '5', '7', 'P', ..] };

    /// <summary>The same failure, as those who write see it.</summary>
    public static Exception OfWrite(Exception error) => IsMistake(error)
        ? new InvalidOperationException($"The write was refused: {Describe(error)}", error)
        : Unknown(error);

    /// <summary>A write of which nobody can say whether it was done, or that was undone together with one that failed.</summary>
    public static JournalUnavailableException Unknown(Exception error)
    {
        var message = $"The journal could not be written: {Describe(error)}";
        return IsFull(error) ? new JournalFullException(message, error) : new JournalUnavailableException(message, error);
    }

    /// <summary>No room, and the server is still there to say so: a server whose log has no room ends, and then nobody knows.</summary>
    private static bool IsFull(Exception error) => error is PostgresException { SqlState: PostgresErrorCodes.DiskFull, InvariantSeverity: "ERROR" };

    /// <summary>The same failure, as those who read see it.</summary>
    public static JournalException OfRead(Exception error) => error is PostgresException { SqlState: "XX001" or "XX002" }
        ? new JournalCorruptException($"The journal is damaged: {Describe(error)}", -1, -1, error)
        : new JournalUnavailableException($"The journal could not be read: {Describe(error)}", error);

    /// <summary>One line without values of the data: the server's details may quote a row.</summary>
    public static string Describe(Exception error) => error switch
    {
        PostgresException server => $"{server.MessageText} ({server.SqlState})",
        { InnerException: { } inner } => $"{error.Message} {inner.Message}",
        _ => error.Message,
    };
}
