using System.Buffers;
using System.Text;

namespace OrleansCrm.Engagement.Customers;

/// <summary>
/// A snapshot as it waits in memory, about half as long as its JSON, which is mostly digits: those and what stands between them take four
/// bits each, names that every snapshot has take twelve, other texts stay as they are. For this process alone; never stored nor sent.
/// </summary>
public static class PackedSnapshot
{
    /// <summary>What no snapshot begins with: one that begins otherwise is no packed one, and is its own JSON.</summary>
    private const byte Mark = 0;
    private const int HeaderBytes = 5;

    // The four bits of what is frequent outside of texts; a digit is its own.
    private const int Comma = 10;
    private const int Minus = 11;
    private const int Open = 12;
    private const int Close = 13;

    /// <summary>Eight bits follow: the place among <see cref="Words"/>.</summary>
    private const int Word = 14;

    /// <summary>Eight bits follow, the length, and then the bytes, which had quotes around them; length 0: eight bits of length without quotes.</summary>
    private const int Text = 15;
    private const int TextMax = 255;

    private static readonly byte[][] Words = MakeWords();
    private static readonly byte[] Places = MakePlaces();

    /// <returns>The packed form, or the same bytes when it would be no shorter.</returns>
    public static byte[] Pack(byte[] snapshot)
    {
        if (snapshot.Length <= HeaderBytes)
            return snapshot;
        var buffer = ArrayPool<byte>.Shared.Rent(snapshot.Length);
        var nibbles = new NibbleWriter(buffer.AsSpan(HeaderBytes, snapshot.Length - HeaderBytes));
        var isShorter = TryWrite(snapshot, ref nibbles);
        var packed = snapshot;
        if (isShorter)
        {
            buffer[0] = Mark;
            BitConverter.TryWriteBytes(buffer.AsSpan(1), snapshot.Length);
            packed = buffer.AsSpan(0, HeaderBytes + nibbles.Bytes).ToArray();
        }

        ArrayPool<byte>.Shared.Return(buffer);
        return packed;
    }

    public static byte[] Unpack(byte[] packed)
    {
        if (packed.Length <= HeaderBytes || packed[0] != Mark)
            return packed;
        var snapshot = new byte[BitConverter.ToInt32(packed, 1)];
        var nibbles = new NibbleReader(packed.AsSpan(HeaderBytes));
        var at = 0;
        while (at < snapshot.Length)
        {
            var nibble = nibbles.Read();
            switch (nibble)
            {
                case < Comma:
                    snapshot[at++] = (byte)('0' + nibble);
                    break;
                case Word:
                    var word = Words[nibbles.ReadByte()];
                    word.CopyTo(snapshot, at);
                    at += word.Length;
                    break;
                case Text:
                    at += ReadText(ref nibbles, snapshot.AsSpan(at));
                    break;
                default:
                    snapshot[at++] = ",-[]"u8[nibble - Comma];
                    break;
            }
        }

        return snapshot;
    }

    private static int ReadText(ref NibbleReader nibbles, Span<byte> to)
    {
        var (length, quotes) = ((int)nibbles.ReadByte(), 1);
        if (length == 0)
            (length, quotes) = (nibbles.ReadByte(), 0);
        if (quotes > 0)
            to[0] = to[length + 1] = (byte)'"';
        for (var i = 0; i < length; i++)
            to[quotes + i] = nibbles.ReadByte();
        return length + 2 * quotes;
    }

    // Whatever the bytes are, they come back: what they mean only decides how short they get.
    private static bool TryWrite(ReadOnlySpan<byte> json, ref NibbleWriter nibbles)
    {
        while (json.Length > 0)
        {
            var nibble = NibbleOf(json[0]);
            var mayBeWord = nibble < 0 || (nibble == Comma && json.Length > 1 && json[1] == '"');
            if (mayBeWord && FindWord(json) is var (place, length) && place >= 0)
            {
                if (!nibbles.HasRoom(3))
                    return false;
                nibbles.Write(Word);
                nibbles.WriteByte((byte)place);
                json = json[length..];
            }
            else if (nibble >= 0)
            {
                if (!nibbles.HasRoom(1))
                    return false;
                nibbles.Write(nibble);
                json = json[1..];
            }
            else
            {
                var text = json[..Math.Min(LengthOfText(json), TextMax)];
                if (!nibbles.HasRoom(5 + 2 * text.Length))
                    return false;
                WriteText(text, ref nibbles);
                json = json[text.Length..];
            }
        }

        return true;
    }

    /// <returns>A negative place when no word begins here.</returns>
    private static (int Place, int Length) FindWord(ReadOnlySpan<byte> json)
    {
        var start = json[0] is (byte)',' or (byte)'{' && json.Length > 1 && json[1] == '"' ? 1 : 0;
        var length = start + LengthOfText(json[start..]);
        if (length > 1 && length < json.Length && json[length] == ':')
            length++;
        var place = PlaceOf(json[..length]);
        return place >= 0 || json[0] != '{' ? (place, length) : (PlaceOf(json[..1]), 1);
    }

    private static void WriteText(ReadOnlySpan<byte> text, ref NibbleWriter nibbles)
    {
        nibbles.Write(Text);
        if (text.Length > 2 && text[0] == '"' && text[^1] == '"')
            text = text[1..^1];
        else
            nibbles.WriteByte(0);
        nibbles.WriteByte((byte)text.Length);
        foreach (var value in text)
            nibbles.WriteByte(value);
    }

    private static int NibbleOf(byte value) => value switch
    {
        >= (byte)'0' and <= (byte)'9' => value - '0',
        (byte)',' => Comma,
        (byte)'-' => Minus,
        (byte)'[' => Open,
        (byte)']' => Close,
        _ => -1,
    };

    /// <summary>With its quotes; 1 when none begins here.</summary>
    private static int LengthOfText(ReadOnlySpan<byte> json)
    {
        if (json[0] != '"')
            return 1;
        var at = 1;
        while (at < json.Length && json[at] != '"')
            at += json[at] == '\\' ? 2 : 1;
        return Math.Min(at + 1, json.Length);
    }

    private static int PlaceOf(ReadOnlySpan<byte> word)
    {
        for (var at = HashOf(word); Places[at] != 0; at = (at + 1) % Places.Length)
        {
            var place = Places[at] - 1;
            if (word.SequenceEqual(Words[place]))
                return place;
        }

        return -1;
    }

    private static int HashOf(ReadOnlySpan<byte> word)
    {
        var hash = (uint)word.Length;
        foreach (var value in word)
            hash = hash * 31 + value;
        return (int)(hash % 509);
    }

    private static byte[] MakePlaces()
    {
        var places = new byte[509];
        for (var i = 0; i < Words.Length; i++)
        {
            var at = HashOf(Words[i]);
            while (places[at] != 0)
                at = (at + 1) % places.Length;
            places[at] = (byte)(i + 1);
        }

        return places;
    }

    /// <summary>At most 254. One that is missing costs its letters, no more.</summary>
    private static byte[][] MakeWords()
    {
        string[] names =
        [
            "key", "head", "import", "seen", "deliveries", "traits", "claimed", "consents", "orders", "waiting", "closed", "refunds",
            "closedPurchases", "count", "revenue", "points", "ledger", "loyalty", "credits", "spent", "tier", "expiring", "household", "answers",
            "answered", "signals", "trend", "ordered", "signal", "offers", "best", "passed", "used", "offerHolds", "triggers", "trials",
            "purchases", "churn", "standing", "forced", "birthday", "referral", "referralNext", "acquisition", "segments", "segmentsNext",
            "counted", "stale", "resolved", "alerts", "id", "kind", "desk", "n", "evidence", "by", "outcome", "case", "handled", "hands",
            "skills", "snoozed", "escalated", "refused", "notes", "rev", "at", "next", "first", "last", "givenOwner", "owner", "recent",
            "linkedTo", "identities", "remains",
        ];
        string[] texts = ["EUR", "USD", "GBP", "", "email", "sms", "track", "retention"];
        return
        [
            .. names.Select(name => Encoding.UTF8.GetBytes($",\"{name}\":")),
            .. texts.Select(text => Encoding.UTF8.GetBytes($"\"{text}\"")),
            .. texts.Select(text => Encoding.UTF8.GetBytes($",\"{text}\"")),
            .. new[] { "{\"v\":", "{\"id\":", "{\"EUR\":", "{\"USD\":", "{\"GBP\":", "{", "}", ":", "." }.Select(Encoding.UTF8.GetBytes),
        ];
    }

    private ref struct NibbleWriter(Span<byte> to)
    {
        private readonly Span<byte> _to = to;
        private int _count;

        public readonly int Bytes => (_count + 1) / 2;

        public readonly bool HasRoom(int nibbles) => _count + nibbles <= 2 * _to.Length;

        public void Write(int nibble)
        {
            if ((_count & 1) == 0)
                _to[_count >> 1] = (byte)nibble;
            else
                _to[_count >> 1] |= (byte)(nibble << 4);
            _count++;
        }

        public void WriteByte(byte value)
        {
            Write(value & 15);
            Write(value >> 4);
        }
    }

    private ref struct NibbleReader(ReadOnlySpan<byte> from)
    {
        private readonly ReadOnlySpan<byte> _from = from;
        private int _count;

        public int Read()
        {
            var both = _from[_count >> 1];
            return (_count++ & 1) == 0 ? both & 15 : both >> 4;
        }

        public byte ReadByte() => (byte)(Read() | Read() << 4);
    }
}
