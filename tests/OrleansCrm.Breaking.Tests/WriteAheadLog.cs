using System.Buffers.Binary;

namespace OrleansCrm.Breaking.Tests;

/// <summary>SQLite's log as its file format says: a header, and frames of a header and a page each, which carry the salts of the log's header.</summary>
internal sealed class WriteAheadLog(string data)
{
    private const int HeaderBytes = 32;
    private const int FrameHeaderBytes = 24;
    private const int PageSizeAt = 8;
    private const int SaltsAt = 16;
    private const int SaltsBytes = 8;
    private const int FrameCommitAt = 4;
    private const int FrameSaltsAt = 8;

    private readonly string _file = Path.Combine(data, "journal.db-wal");

    /// <summary>How much of the file may hold commits; whatever lies behind was never acknowledged.</summary>
    /// <param name="Salts">Tell one use of the file from the next, which begins at its beginning.</param>
    public readonly record struct Extent(ulong Salts, int PageBytes, long FirstBytes, long CommittedBytes);

    /// <returns>Null when there is no log, or an empty one.</returns>
    public Extent? Measure()
    {
        if (new FileInfo(_file) is not { Exists: true, Length: > HeaderBytes })
            return null;
        using var file = File.Open(_file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        Span<byte> header = stackalloc byte[HeaderBytes];
        file.ReadExactly(header);
        var pageBytes = (int)BinaryPrimitives.ReadUInt32BigEndian(header[PageSizeAt..]);
        var salts = BinaryPrimitives.ReadUInt64BigEndian(header[SaltsAt..]);
        var committed = (long)HeaderBytes;
        Span<byte> frame = stackalloc byte[FrameHeaderBytes];
        for (var at = committed; at + FrameHeaderBytes + pageBytes <= file.Length; at += FrameHeaderBytes + pageBytes)
        {
            file.Position = at;
            file.ReadExactly(frame);
            if (BinaryPrimitives.ReadUInt64BigEndian(frame[FrameSaltsAt..]) != salts)
                break;
            if (BinaryPrimitives.ReadUInt32BigEndian(frame[FrameCommitAt..]) != 0)
                committed = at + FrameHeaderBytes + pageBytes;
        }

        return new Extent(salts, pageBytes, HeaderBytes, committed);
    }

    /// <summary>Leaves behind the last commit what a write leaves that was cut off in its midst.</summary>
    public void TearBehind(Extent extent, Random random)
    {
        using var file = File.Open(_file, FileMode.Open, FileAccess.ReadWrite);
        var frame = NewFrame(file, extent, random);
        file.Position = extent.CommittedBytes;
        file.Write(frame, 0, random.Next(1, frame.Length + 1));
        if (random.Next(2) == 0)
            file.SetLength(file.Position);
    }

    /// <summary>Takes away everything that was written after the measuring.</summary>
    public void CutBehind(Extent extent)
    {
        using var file = File.Open(_file, FileMode.Open, FileAccess.ReadWrite);
        file.SetLength(extent.CommittedBytes);
    }

    /// <summary>Cuts or changes what was written behind a place.</summary>
    public void TearFrom(long from, Extent extent, Random random)
    {
        using var file = File.Open(_file, FileMode.Open, FileAccess.ReadWrite);
        var at = from + random.NextInt64(extent.CommittedBytes - from);
        if (random.Next(2) == 0)
        {
            file.SetLength(at);
            return;
        }

        file.Position = at;
        var old = file.ReadByte();
        file.Position = at;
        file.WriteByte((byte)(old ^ (1 + random.Next(255))));
    }

    /// <summary>One that is noise, one that looks like a commit of this log, or one that was a good one in its place.</summary>
    private static byte[] NewFrame(FileStream file, Extent extent, Random random)
    {
        var frame = new byte[FrameHeaderBytes + extent.PageBytes];
        var kind = random.Next(3);
        if (kind == 2 && extent.CommittedBytes > extent.FirstBytes)
        {
            file.Position = extent.FirstBytes + random.NextInt64((extent.CommittedBytes - extent.FirstBytes) / frame.Length) * frame.Length;
            file.ReadExactly(frame);
            BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(FrameCommitAt), 1 + (uint)random.Next(1000));
            return frame;
        }

        random.NextBytes(frame);
        if (kind == 1)
            BinaryPrimitives.WriteUInt64BigEndian(frame.AsSpan(FrameSaltsAt, SaltsBytes), extent.Salts);
        return frame;
    }
}
