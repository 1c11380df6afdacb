Console.WriteLine("OrleansCrm");
