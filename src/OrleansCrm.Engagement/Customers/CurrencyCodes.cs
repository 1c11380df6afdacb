namespace OrleansCrm.Engagement.Customers;

internal static class CurrencyCodes
{
    private static readonly string[] Frequent = ["EUR", "USD", "GBP", "CHF", "JPY", "PLN", "SEK", "DKK", "NOK", "CZK", "CAD", "AUD"];

    /// <summary>The code in capital letters, one instance for the frequent ones; null unless it is three ASCII letters.</summary>
    public static string? Find(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length != 3)
            return null;
        Span<char> code = stackalloc char[3];
        for (var i = 0; i < 3; i++)
        {
            var letter = (char)(utf8[i] & ~0x20);
            if (letter is < 'A' or > 'Z')
                return null;
            code[i] = letter;
        }

        return Shared(code);
    }

    public static string Shared(ReadOnlySpan<char> code)
    {
        foreach (var frequent in Frequent)
        {
            if (code.SequenceEqual(frequent))
                return frequent;
        }

        return code.ToString();
    }
}
