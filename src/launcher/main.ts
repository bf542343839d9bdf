console.log('gatehouse');
